// At the lower edge: what was just done, with its undo, for as long as it may be wanted.
import { X } from 'lucide-react'
import { Toast } from 'radix-ui'
import type { Receipt } from '../../electron/contract/action.ts'
import type { Notice } from '../notices.ts'
import { useServices, useStore } from '../services.tsx'
import { AlertText } from './alert-text.tsx'
import { Button } from './button.tsx'
import { Glyph } from './glyph.tsx'

const SHOWN_MS = { receipt: 12_000, alert: 60_000, sentence: 5000 } as const

export function NoticeList() {
  const { notices } = useServices()
  const all = useStore(notices.store)
  return (
    <Toast.Provider swipeDirection="down" label="Notice">
      {all.map((notice, index) => (
        <Toast.Root
          key={notice.key}
          duration={SHOWN_MS[notice.kind]}
          onOpenChange={(open) => open || notices.drop(notice.key)}
          className="float flex items-center gap-3 min-h-[48px] px-4 py-[10px] w-[520px] max-w-[calc(100vw-32px)]"
        >
          <NoticeText notice={notice} last={index === all.length - 1} />
          <Toast.Close aria-label="Dismiss" className="ml-auto text-ink-3 hover:text-ink">
            <X size={14} aria-hidden="true" />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="notices" />
    </Toast.Provider>
  )
}

function NoticeText({ notice, last }: { notice: Notice; last: boolean }) {
  const { notices } = useServices()
  if (notice.kind === 'alert') return <AlertText alert={notice.alert} onDone={() => notices.drop(notice.key)} />
  if (notice.kind === 'receipt') return <ReceiptText receipt={notice.receipt} last={last} />
  return (
    <>
      <Glyph name={notice.bad ? 'failed' : 'ok'} />
      <Toast.Title className="min-w-0">{notice.text}</Toast.Title>
    </>
  )
}

function ReceiptText({ receipt, last }: { receipt: Receipt; last: boolean }) {
  const { flow } = useServices()
  const { undone, left } = receipt
  const leftOver = (undone?.left ?? left).length
  return (
    <>
      <Glyph name={leftOver > 0 ? 'attention' : 'done'} />
      <div className="min-w-0 flex-1">
        <Toast.Title className="font-semibold clip">
          {undone === null ? receipt.title : `Undone: ${receipt.title}`}
        </Toast.Title>
        <Toast.Description className="text-small text-ink-2">
          {undone === null ? receipt.summary : `${undone.restored} returned to what they were.`}
          {leftOver > 0 && ` ${leftOver} left as they are; see History.`}
        </Toast.Description>
      </div>
      {receipt.undoable && undone === null && (
        <span>
          <Button small onPress={() => flow.openUndo(receipt)} shortcut={last ? { key: 'u', text: 'U' } : undefined}>
            Undo…
          </Button>
        </span>
      )}
    </>
  )
}
