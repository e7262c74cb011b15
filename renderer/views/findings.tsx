// What was found: appeared, changed, cleared, and who said what to it; the way from a question to its moment.
import { failureText } from '../format.ts'
import { EpisodeTable } from '../parts/episode-table.tsx'
import { HistoryTabs } from '../parts/history-tabs.tsx'
import { Main } from '../parts/main.tsx'
import { Empty, FailureNote } from '../parts/section.tsx'
import { coreNow } from '../select.ts'
import { episodeRows, findingsRevision } from '../select-findings.ts'
import { useAnswer, useView } from '../services.tsx'

const MOST = 500

export function FindingsView() {
  const { now, revision } = useView((state, nowMs) => ({
    now: coreNow(state, nowMs),
    revision: findingsRevision(state),
  }))
  const answer = useAnswer(revision, 'Read the history of findings', (client, signal) =>
    client.findings.history({ limit: MOST }, { signal }),
  )
  const rows = episodeRows(answer.value ?? [], now)
  return (
    <Main label="History of findings">
      <h1 className="text-title font-display">History</h1>
      <HistoryTabs here="findings" />
      <p className="mt-3 text-ink-3">
        Every finding of the last seven days: since when, how long, and what was said to it. Samples leave no trace
        here.
      </p>
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      {answer.value !== null && rows.length === 0 && (
        <Empty title="Nothing was found in the last seven days.">
          What Unjam finds is written here with its beginning and its end, also while no window is open.
        </Empty>
      )}
      {rows.length > 0 && <EpisodeTable rows={rows} />}
      {rows.length === MOST && <p className="py-3 text-small text-ink-3">The latest {MOST} are shown.</p>}
    </Main>
  )
}
