// Taking something back is a write too: it says what returns, and asks once.
import { failureText, when } from '../format.ts'
import { coreNow } from '../select.ts'
import { useServices, useStore } from '../services.tsx'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { FailureNote } from './section.tsx'

export function UndoDialog() {
  const { flow, live } = useServices()
  const state = useStore(flow.store)
  if (state.step !== 'undo' && state.step !== 'undoing') return null
  const { receipt } = state
  const now = coreNow(live.getState(), Date.now())
  const failure = state.step === 'undo' ? state.failure : null
  // What was refused for good is not offered again.
  const over = failure?.kind === 'refused' || failure?.kind === 'missing'
  return (
    <Dialog
      open
      width={620}
      focus="[data-confirm]"
      onClose={flow.close}
      title={`Undo “${receipt.title}”`}
      description={receipt.summary}
      tags={
        <>
          <span>{receipt.system}</span>
          <span>
            {when(Date.parse(receipt.at), now)} by {receipt.actor}
          </span>
        </>
      }
      footer={
        <span className="ml-auto flex gap-2">
          <Button onPress={flow.close} shortcut={{ key: 'Escape', text: 'Esc', inDialog: true }}>
            {over ? 'Close' : 'Cancel'}
          </Button>
          {!over && (
            <Button
              tone="primary"
              confirm
              busy={state.step === 'undoing'}
              onPress={() => void flow.confirm()}
              shortcut={{ key: 'Ctrl+Enter', text: 'Ctrl Enter', inDialog: true }}
            >
              Undo for {receipt.count}
            </Button>
          )}
        </span>
      }
    >
      <div className="body pb-4">
        {failure !== null && <FailureNote text={failureText(failure)} />}
        {!over && (
          <p className="border-t border-line pt-3">
            What is still as this action left it returns to what it was before. What has moved since then stays as it is
            and is listed in the receipt.
          </p>
        )}
      </div>
    </Dialog>
  )
}
