// One receipt; what was left unfolds with its reasons.
import { useState } from 'react'
import type { Receipt } from '../../electron/contract/action.ts'
import { time, when } from '../format.ts'
import { useServices } from '../services.tsx'
import { Button } from './button.tsx'

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
          <span className="block text-small text-ink-2">{receipt.summary}</span>
        </td>
        <td className="num">
          {receipt.count === receipt.previewed ? receipt.count : `${receipt.count} of ${receipt.previewed}`}
        </td>
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

function Undo({ receipt, now }: { receipt: Receipt; now: number }) {
  const { flow } = useServices()
  const { undone } = receipt
  if (undone !== null)
    return (
      <span className="text-small text-ink-3">
        undone {when(time(undone.at), now)}, {undone.restored} back
      </span>
    )
  if (!receipt.undoable) return <span className="text-small text-ink-3">no way back</span>
  return (
    <Button small label={`Undo ${receipt.title}`} onPress={() => flow.openUndo(receipt)}>
      Undo…
    </Button>
  )
}
