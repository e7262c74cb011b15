// What an action would do, before it does it; the only way to any write.
import { useState } from 'react'
import type { ActionId, ActionRequest, Preview } from '../../electron/contract/action.ts'
import { isSample } from '../../electron/contract/sample.ts'
import type { FlowState } from '../action-flow.ts'
import { thingOf } from '../action-things.ts'
import { failureText } from '../format.ts'
import { useServices, useStore } from '../services.tsx'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Glyph } from './glyph.tsx'
import { ParamField } from './param-field.tsx'
import { PreviewFacts } from './preview-facts.tsx'
import { SampleTag } from './sample-tag.tsx'
import { FailureNote } from './section.tsx'

type Open = Extract<FlowState, { request: ActionRequest }>

export function PreviewDialog() {
  const { flow } = useServices()
  const state = useStore(flow.store)
  return 'request' in state ? <OpenPreview state={state} /> : null
}

/** One dialog from the first reading to the receipt, so that nothing flickers when a preview is read again. */
function OpenPreview({ state }: { state: Open }) {
  const { flow } = useServices()
  const [typed, setTyped] = useState('')
  const preview = 'preview' in state ? state.preview : null
  const stale = 'stale' in state && state.stale
  // Friction grows with the risk: what destroys more than one thing asks for the number.
  const asks = preview !== null && preview.risk === 'destructive' && preview.count > 1
  const ready =
    state.step === 'ready' && state.preview.count > 0 && !(asks && typed.trim() !== String(state.preview.count))
  return (
    <Dialog
      open
      onClose={flow.close}
      title={preview?.title ?? state.label}
      description={preview?.summary ?? 'Reading exactly what it would touch.'}
      tags={preview === null ? <span>{state.request.system}</span> : <Tags preview={preview} />}
      footer={<Footer state={state} preview={preview} ready={ready} />}
      focus={asks ? '#typed-count' : '#param, [data-confirm]'}
      focusKey={preview === null ? '' : preview.action}
    >
      <div className="body min-h-[96px]">
        {stale && <Stale action={state.request.action} />}
        {state.step === 'refused' && <FailureNote text={failureText(state.failure)} again={() => void flow.again()} />}
        {state.step === 'ready' && state.failure !== null && <FailureNote text={failureText(state.failure)} />}
        {(preview !== null || state.step === 'refused') && <ParamField request={state.request} />}
        {preview !== null && <PreviewFacts preview={preview} typed={asks ? typed : null} onType={setTyped} />}
      </div>
    </Dialog>
  )
}

function Stale({ action }: { action: ActionId }) {
  return (
    <p role="status" className="flex items-center gap-2 py-[10px]">
      <Glyph name="attention" />
      {thingOf(action).moved} while this dialog was open. Below is what it would do now.
    </p>
  )
}

const risks = { safe: null, disruptive: 'Disruptive', destructive: 'Destructive' } as const

function Tags({ preview }: { preview: Preview }) {
  const risk = risks[preview.risk]
  return (
    <>
      {isSample(preview.system) && <SampleTag />}
      <span>{preview.system}</span>
      {risk !== null && (
        <span className={preview.risk === 'destructive' ? 'text-critical' : 'text-attention'}>{risk}</span>
      )}
      <span>{preview.undoable ? 'Can be undone' : 'Cannot be undone'}</span>
    </>
  )
}

function Footer({ state, preview, ready }: { state: Open; preview: Preview | null; ready: boolean }) {
  const { flow } = useServices()
  // Beside “Cancel 1 job” a button called “Cancel” would be read two ways.
  const usual = state.request.action === 'cancel-job' || preview === null ? 'Close' : 'Cancel'
  // It cannot be called back half-way; its receipt is announced wherever one is by then.
  const close = state.step === 'running' ? 'Close, it goes on' : usual
  return (
    <>
      <span className="text-small text-ink-3">
        {preview !== null && `Refused if ${thingOf(preview.action).moves} before you confirm.`}
      </span>
      <span className="ml-auto flex gap-2">
        <Button onPress={flow.close} shortcut={{ key: 'Escape', text: 'Esc', inDialog: true }}>
          {close}
        </Button>
        {preview !== null && (
          <Button
            tone="primary"
            confirm
            onPress={() => void flow.confirm()}
            busy={!ready}
            shortcut={{ key: 'Ctrl+Enter', text: 'Ctrl Enter', inDialog: true }}
            label={preview.confirm}
          >
            {state.step === 'running' ? 'Working' : preview.confirm}
          </Button>
        )}
      </span>
    </>
  )
}
