// From the press of a button to the receipt: read the preview, confirm exactly that, say what was done, take it back.
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ActionRequest, Preview, Receipt } from '../electron/contract/action.ts'
import type { Failure } from '../electron/contract/failure.ts'

export type FlowState =
  | { step: 'closed' }
  /** `preview` is the one before, shown until the next is there; it can no longer be confirmed. */
  | { step: 'reading'; request: ActionRequest; label: string; preview: Preview | null; stale: boolean }
  | { step: 'refused'; request: ActionRequest; label: string; failure: Failure }
  | { step: 'ready'; request: ActionRequest; label: string; preview: Preview; stale: boolean; failure: Failure | null }
  | { step: 'running'; request: ActionRequest; label: string; preview: Preview }
  | { step: 'undo'; receipt: Receipt; failure: Failure | null }
  | { step: 'undoing'; receipt: Receipt }

export interface FlowPorts {
  preview(request: ActionRequest): Promise<Preview>
  execute(request: ActionRequest, fingerprint: string): Promise<Receipt>
  undo(id: string): Promise<Receipt>
  failureOf(thrown: unknown, tried: string): Failure
  /** Told of every receipt: of an action and of its undo. */
  done(receipt: Receipt): void
}

export interface ActionFlow {
  readonly store: StoreApi<FlowState>
  open(request: ActionRequest, label: string): Promise<void>
  /** Reads the preview again, after a refusal. */
  again(): Promise<void>
  /** Reads the preview again with a parameter that is given in the dialog. */
  amend(name: string, value: string): Promise<void>
  confirm(): Promise<void>
  openUndo(receipt: Receipt): void
  close(): void
}

export function createActionFlow(ports: FlowPorts): ActionFlow {
  const store = createStore<FlowState>(() => ({ step: 'closed' }))
  // A dialog closed meanwhile must not be opened again by a late answer.
  let turn = 0

  async function read(request: ActionRequest, label: string, stale: boolean): Promise<void> {
    const mine = ++turn
    const before = store.getState()
    const shown = 'preview' in before && before.request.action === request.action ? before.preview : null
    store.setState({ step: 'reading', request, label, preview: shown, stale }, true)
    try {
      const preview = await ports.preview(request)
      if (mine === turn) store.setState({ step: 'ready', request, label, preview, stale, failure: null }, true)
    } catch (error) {
      const failure = ports.failureOf(error, label)
      if (mine === turn) store.setState({ step: 'refused', request, label, failure }, true)
    }
  }

  async function execute(state: Extract<FlowState, { step: 'ready' }>): Promise<void> {
    const { request, label, preview } = state
    const mine = ++turn
    store.setState({ step: 'running', request, label, preview }, true)
    try {
      const receipt = await ports.execute(request, preview.fingerprint)
      ports.done(receipt)
      if (mine === turn) store.setState({ step: 'closed' }, true)
    } catch (error) {
      const failure = ports.failureOf(error, label)
      if (mine !== turn) return
      if (failure.kind === 'stale') await read(request, label, true)
      else store.setState({ step: 'ready', request, label, preview, stale: false, failure }, true)
    }
  }

  async function undo({ receipt }: Extract<FlowState, { step: 'undo' }>): Promise<void> {
    const mine = ++turn
    store.setState({ step: 'undoing', receipt }, true)
    try {
      ports.done(await ports.undo(receipt.id))
      if (mine === turn) store.setState({ step: 'closed' }, true)
    } catch (error) {
      const failure = ports.failureOf(error, `Undo “${receipt.title}”`)
      if (mine === turn) store.setState({ step: 'undo', receipt, failure }, true)
    }
  }

  return {
    store,
    open: (request, label) => read(request, label, false),
    async again() {
      const state = store.getState()
      if ('request' in state) await read(state.request, state.label, false)
    },
    async amend(name, value) {
      const state = store.getState()
      if (!('request' in state) || state.step === 'running') return
      const { [name]: _, ...others } = state.request.params
      const params = value.trim() === '' ? others : { ...others, [name]: value.trim() }
      await read({ ...state.request, params }, state.label, false)
    },
    async confirm() {
      const state = store.getState()
      if (state.step === 'ready') await execute(state)
      if (state.step === 'undo') await undo(state)
    },
    openUndo(receipt) {
      turn++
      store.setState({ step: 'undo', receipt, failure: null }, true)
    },
    close() {
      turn++
      store.setState({ step: 'closed' }, true)
    },
  }
}
