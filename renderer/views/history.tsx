// Receipts: who did what, when, to how many, what was left, and the way back.
import { useRef, useState } from 'react'
import type { Receipt } from '../../electron/contract/action.ts'
import { failureText } from '../format.ts'
import { HistoryTabs } from '../parts/history-tabs.tsx'
import { Main } from '../parts/main.tsx'
import { ReceiptRow } from '../parts/receipt-row.tsx'
import { Empty, FailureNote } from '../parts/section.tsx'
import { coreNow, historyRevision } from '../select.ts'
import { useAnswer, useServices, useStore, useView } from '../services.tsx'

const PAGE = 100
const WATCH_MS = 3000

export function HistoryView() {
  const { notices } = useServices()
  const { now, revision } = useView((state, nowMs) => ({
    now: coreNow(state, nowMs),
    revision: historyRevision(state),
  }))
  // Of one's own receipts each passes through the notices.
  const latest = useStore(notices.store).at(-1)?.key ?? 0
  const [older, setOlder] = useState<readonly string[]>([])
  // A receipt that still waits for what was promised changes by itself.
  const waits = useRef(false)
  const turn = waits.current ? Math.floor(now / WATCH_MS) : 0
  const answer = useAnswer(
    `${revision} ${latest} ${turn} ${older.join()}`,
    'Read the history',
    async (client, signal) => {
      const pages: Receipt[][] = []
      for (const before of [null, ...older]) pages.push(await client.receipts.list({ limit: PAGE, before }, { signal }))
      return { receipts: pages.flat(), more: pages.at(-1)?.length === PAGE }
    },
  )
  const receipts = answer.value?.receipts ?? []
  const last = receipts.at(-1)
  waits.current = receipts.some(({ watch }) => watch?.state === 'watching')
  return (
    <Main label="History">
      <h1 className="text-title font-display">History</h1>
      <HistoryTabs here="changes" />
      <p className="mt-3 text-ink-3">
        Every change made through Unjam. What has a way back can be undone, also after a restart.
      </p>
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      {answer.value !== null && receipts.length === 0 && (
        <Empty title="Nothing has been changed yet.">
          Looking changes nothing. What you retry, skip, cancel or start is written here with its undo.
        </Empty>
      )}
      {receipts.length > 0 && (
        <table className="rows table-fixed mt-3" aria-label="Receipts">
          <thead>
            <tr>
              <th className="w-[120px]">When</th>
              <th>What</th>
              <th className="num w-[96px]">Count</th>
              <th className="num w-[72px]">Left</th>
              <th className="w-[120px]">Who</th>
              <th className="w-[90px]">System</th>
              <th className="w-[150px] text-right!">Undo</th>
            </tr>
          </thead>
          <tbody>
            {receipts.map((receipt) => (
              <ReceiptRow key={receipt.id} receipt={receipt} now={now} />
            ))}
          </tbody>
        </table>
      )}
      {answer.value?.more && last !== undefined && (
        <button type="button" className="btn small my-4" onClick={() => setOlder([...older, last.id])}>
          Older
        </button>
      )}
    </Main>
  )
}
