// One receipt; what was left unfolds with its reasons.
import { useState } from 'react'
import type { Receipt, Watch } from '../../electron/contract/action.ts'
import { isSample } from '../../electron/contract/sample.ts'
import { time, when, whole } from '../format.ts'
import { useServices } from '../services.tsx'
import { Button } from './button.tsx'
import { Glyph } from './glyph.tsx'
import { SampleTag } from './sample-tag.tsx'

export function ReceiptRow({ receipt, now }: { receipt: Receipt; now: number }) {
  const [open, setOpen] = useState(false)
  const { undone } = receipt
  const left = [...receipt.left, ...(undone?.left ?? [])]
  return (
    <>
      <tr>
        <td className="whitespace-nowrap align-top! pt-2!">{when(time(receipt.at), now)}</td>
        <td className="py-2!">
          <b className={undone === null ? '' : 'line-through text-ink-3'}>{receipt.title}</b>
          {isSample(receipt.system) && (
            <span className="ml-2">
              <SampleTag />
            </span>
          )}
          <span className="block text-small text-ink-2">{receipt.summary}</span>
          {receipt.watch !== null && <Watching watch={receipt.watch} now={now} />}
        </td>
        <td className="num">{receipt.count === receipt.previewed ? whole(receipt.count) : countText(receipt)}</td>
        <td className="num">
          {left.length === 0 ? (
            <span className="text-ink-3">0</span>
          ) : (
            <button
              type="button"
              className="text-attention hover:underline"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {left.length}
            </button>
          )}
        </td>
        <td className="clip" title={receipt.actor}>
          {receipt.actor}
        </td>
        <td className="clip">{receipt.system}</td>
        <td className="text-right">
          <Undo receipt={receipt} now={now} />
        </td>
      </tr>
      {open && (
        <tr>
          <td />
          <td colSpan={6} className="py-2! text-small text-ink-2">
            <ul>
              {left.map(({ id, because }) => (
                <li key={`${id} ${because}`}>
                  <code>{id}</code> {because}
                </li>
              ))}
            </ul>
          </td>
        </tr>
      )}
    </>
  )
}

/** A queue goes on filling until it is frozen: then more were moved than the preview counted. */
function countText({ count: done, previewed }: Receipt): string {
  return done < previewed ? `${whole(done)} of ${whole(previewed)}` : `${whole(done)}, previewed ${whole(previewed)}`
}

const watchGlyphs = { watching: 'queued', came: 'ok', missed: 'attention' } as const

/** Something was promised: whether it still may come, came, or did not. */
function Watching({ watch, now }: { watch: Watch; now: number }) {
  const until = watch.state === 'watching' ? ` Watched until ${when(time(watch.until), now)}.` : ''
  return (
    <span
      className={`flex gap-[6px] pt-[2px] text-small ${watch.state === 'missed' ? 'text-attention' : 'text-ink-2'}`}
    >
      <Glyph name={watchGlyphs[watch.state]} size={13} label={watch.state} />
      {watch.sentence}
      {until}
    </span>
  )
}

function Undo({ receipt, now }: { receipt: Receipt; now: number }) {
  const { flow } = useServices()
  const { undone } = receipt
  if (undone !== null)
    return (
      <span className="text-small text-ink-3">
        undone {when(time(undone.at), now)}, {undone.restored} back
      </span>
    )
  if (!receipt.undoable)
    return <span className="text-small text-ink-3">{receipt.count === 0 ? 'nothing to undo' : 'cannot be undone'}</span>
  return (
    <Button small label={`Undo ${receipt.title}`} onPress={() => flow.openUndo(receipt)}>
      Undo…
    </Button>
  )
}
