// What an action would do, before it does it; the only way to any write.
import { useState } from 'react'
import type { Preview } from '../../electron/contract/action.ts'
import type { FlowState } from '../action-flow.ts'
import { failureText } from '../format.ts'
import { useServices, useStore } from '../services.tsx'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Glyph } from './glyph.tsx'
import { PreviewFacts } from './preview-facts.tsx'
import { FailureNote } from './section.tsx'

type Open = Exclude<FlowState, { step: 'closed' } | { step: 'undo' } | { step: 'undoing' }>

export function PreviewDialog() {
  const { flow } = useServices()
  const state = useStore(flow.store)
  if (!('request' in state)) return null
  if (state.step === 'ready' || state.step === 'running')
    return <Confirm key={state.preview.fingerprint} state={state} preview={state.preview} />
  return (
    <Dialog
      open
      onClose={flow.close}
      title={state.label}
      description={state.step === 'reading' && !state.stale ? 'Reading exactly what it would touch.' : undefined}
      footer={<CancelOnly />}
    >
      <div className="body pb-4 min-h-[120px]">
        {state.step === 'refused' && <FailureNote text={failureText(state.failure)} again={() => void flow.again()} />}
        {state.step === 'reading' && state.stale && <Stale />}
      </div>
    </Dialog>
  )
}

function CancelOnly() {
  const { flow } = useServices()
  return (
    <span className="ml-auto">
      <Button onPress={flow.close} shortcut={{ key: 'Escape', text: 'Esc', inDialog: true }}>
        Close
      </Button>
    </span>
  )
}

function Stale() {
  return (
    <p role="status" className="flex items-center gap-2 py-[10px]">
      <Glyph name="attention" />
      The jobs changed while this dialog was open. Below is what it would do now.
    </p>
  )
}

const risks = { safe: null, disruptive: 'Disruptive', destructive: 'Destructive' } as const

function Confirm({ state, preview }: { state: Open & { step: 'ready' | 'running' }; preview: Preview }) {
  const { flow } = useServices()
  const [typed, setTyped] = useState('')
  // Friction grows with the risk: what destroys more than one thing asks for the number.
  const asks = preview.risk === 'destructive' && preview.count > 1
  const blocked = asks && typed.trim() !== String(preview.count)
  const confirm = () => void flow.confirm()
  return (
    <Dialog
      open
      onClose={flow.close}
      title={preview.title}
      description={preview.summary}
      tags={
        <>
          <span>{preview.system}</span>
          {risks[preview.risk] !== null && (
            <span className={preview.risk === 'destructive' ? 'text-critical' : 'text-attention'}>
              {risks[preview.risk]}
            </span>
          )}
          <span>{preview.undoable ? 'Can be undone' : 'Cannot be undone'}</span>
        </>
      }
      footer={
        <>
          <span className="text-small text-ink-3">Refused if the jobs change before you confirm.</span>
          <span className="ml-auto flex gap-2">
            <Button onPress={flow.close} shortcut={{ key: 'Escape', text: 'Esc', inDialog: true }}>
              Cancel
            </Button>
            <Button
              tone="primary"
              onPress={confirm}
              busy={state.step === 'running' || blocked || preview.count === 0}
              shortcut={{ key: 'Ctrl+Enter', text: 'Ctrl Enter', inDialog: true }}
              label={preview.confirm}
            >
              {state.step === 'running' ? 'Working' : preview.confirm}
            </Button>
          </span>
        </>
      }
    >
      <div className="body">
        {state.step === 'ready' && state.stale && <Stale />}
        {state.step === 'ready' && state.failure !== null && <FailureNote text={failureText(state.failure)} />}
        <PreviewFacts preview={preview} typed={asks ? typed : null} onType={setTyped} />
      </div>
    </Dialog>
  )
}
