// The whole .env as text: what was typed is kept until it is saved or thrown away, and saved only through a preview.
import { useEffect, useRef, useState } from 'react'
import type { EnvView } from '../../electron/contract/service.ts'
import { envDrafts, keepDraft } from '../env-drafts.ts'
import { useServices, useStore } from '../services.tsx'
import { Button } from './button.tsx'
import EnvEditor from './env-editor.tsx'
import { Glyph } from './glyph.tsx'

interface Props {
  readonly system: string
  readonly view: EnvView
  readonly again: () => void
}

export default function EnvRaw({ system, view, again }: Props) {
  const { flow, notices } = useServices()
  const draft = useStore(envDrafts)[system]
  // Another number is another editor: it begins with the text of the file.
  const [turn, setTurn] = useState(0)
  const discard = () => {
    keepDraft(system, null)
    setTurn((n) => n + 1)
    again()
  }
  const saved = useStore(notices.store).findLast(
    (one) => one.kind === 'receipt' && one.receipt.action === 'set-env' && one.receipt.system === system,
  )?.key
  const seen = useRef(saved)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new receipt is the reason, not an input (react.dev, "specifying reactive dependencies")
  useEffect(() => {
    if (saved === seen.current) return
    seen.current = saved
    discard()
  }, [saved])
  const save = () => {
    if (draft === undefined) return
    const params = { '.text': draft.text, '.hash': draft.hash }
    void flow.open({ action: 'set-env', system, target: 'all', params }, 'Save .env')
  }
  const stale = draft !== undefined && draft.hash !== view.hash
  const change = (text: string) =>
    keepDraft(system, text === view.text && !stale ? null : { text, hash: draft?.hash ?? view.hash })
  return (
    <>
      {view.warnings.map((warning) => (
        <p key={warning} className="flex items-center gap-[7px] pb-1 text-small text-attention">
          <Glyph name="attention" size={13} />
          {warning}
        </p>
      ))}
      {stale && (
        <p role="status" className="flex items-center gap-[7px] pb-2">
          <Glyph name="attention" />
          The file was changed by somebody else since this text was begun. Saving it would be refused.
          <button type="button" className="btn small" onClick={discard}>
            Throw it away and read again
          </button>
        </p>
      )}
      <EnvEditor
        key={draft === undefined ? `${view.hash} ${turn}` : `${draft.hash} ${turn}`}
        text={draft?.text ?? view.text}
        crlf={view.lineEnding === 'CRLF'}
        label={view.path}
        onChange={change}
        onSave={save}
      />
      <div className="flex items-center gap-3 pt-3 flex-none">
        <span className="text-small text-ink-3 min-w-0">
          Masked values stay as they are unless you type over them. Every other byte stays where you change nothing.
        </span>
        <span className="ml-auto flex gap-2">
          {draft !== undefined && (
            <Button small onPress={discard}>
              Discard changes
            </Button>
          )}
          <Button
            small
            tone="primary"
            busy={draft === undefined || stale}
            shortcut={{ key: 'Ctrl+s', text: 'Ctrl S' }}
            onPress={save}
          >
            {draft === undefined ? 'Nothing to save' : 'Save…'}
          </Button>
        </span>
      </div>
    </>
  )
}
