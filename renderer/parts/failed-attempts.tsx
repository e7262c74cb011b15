// Flower's side of the ledger: every failed attempt with its exception, and the job it belongs to if anything tells.
import { useState } from 'react'
import type { TaskResult } from '../../electron/contract/task.ts'
import { duration, failureText, time, when } from '../format.ts'
import { type ChosenQueue, shortTask } from '../select-queues.ts'
import { usePageList } from '../use-page-list.ts'
import { JobLink } from './job-link.tsx'
import { FailureNote } from './section.tsx'

export function FailedAttempts({ chosen }: { chosen: ChosenQueue }) {
  const { system, results, attempts, now } = chosen
  const view = usePageList<TaskResult>(
    {
      key: system,
      tried: `Read the failed attempts of ${system}`,
      page: async (client, limit, cursor, signal) => {
        const page = await client.queues.results({ system, outcome: 'failed', limit, cursor }, { signal })
        return { items: page.results, cursor: page.cursor }
      },
    },
    chosen.revision,
  )
  const { items, list, failure, cursor, status } = view
  const lost = results.lost === null ? '' : ` Last known: ${results.lost.because}.`
  return (
    <div className="overflow-y-auto min-h-0 max-small:flex-none pb-6">
      <p className="py-3 text-ink-2">
        {attempts}
        {lost}
      </p>
      {failure !== null && <FailureNote text={failureText(failure)} again={() => void list?.refresh()} />}
      {(items.length > 0 || status === 'loading') && (
        <table className="rows table-fixed" aria-label="Failed attempts">
          <thead>
            <tr>
              <th>Exception</th>
              <th className="w-[104px]">Job</th>
              <th className="w-[104px]">Told by</th>
              <th className="w-[17%] max-narrow:hidden">Worker</th>
              <th className="num w-[64px]">Retry</th>
              <th className="num w-[112px]">Ended</th>
              <th className="text-right! w-[96px]">Expires in</th>
            </tr>
          </thead>
          <tbody>
            {items.map((result) => (
              <AttemptLine key={result.id} result={result} system={system} now={now} />
            ))}
          </tbody>
        </table>
      )}
      {cursor !== null && (
        <button type="button" className="btn small my-4" onClick={() => void list?.more()}>
          Older
        </button>
      )}
    </div>
  )
}

function AttemptLine({ result, system, now }: { result: TaskResult; system: string; now: number }) {
  const [open, setOpen] = useState(false)
  const { exception, message, task, traceback, expiresMs, endedAt } = result
  const text = exception === null ? 'no exception kept' : `${exception}${message === null ? '' : `(${message})`}`
  return (
    <>
      <tr>
        <td className="clip" title={`${text}, task ${result.id}`}>
          {traceback === null ? (
            <code className="text-failed">{text}</code>
          ) : (
            <button
              type="button"
              className="text-failed mono clip max-w-full block text-left hover:underline"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {text}
            </button>
          )}
        </td>
        <td>
          <JobLink system={system} job={result.job} absent="unknown" />
        </td>
        <td className="text-small text-ink-3">{result.jobFrom ?? 'nothing'}</td>
        <td className="clip max-narrow:hidden">{result.worker ?? '–'}</td>
        <td className="num">{result.retries ?? '–'}</td>
        <td className="num">{endedAt === null ? '–' : when(time(endedAt), now)}</td>
        <td className={`text-right ${expiresMs === null ? 'text-attention' : ''}`}>
          {expiresMs === null ? 'never' : duration(expiresMs)}
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={6} className="py-2!">
            <span className="block text-small text-ink-3 pb-1">
              {task === null ? '' : `${shortTask(task)} `}
              {result.id}
            </span>
            <code className="block whitespace-pre-wrap break-words max-h-[180px] overflow-auto px-[9px] py-[5px] bg-sunken border border-line rounded-1">
              {traceback}
            </code>
          </td>
          <td className="max-narrow:hidden" />
        </tr>
      )}
    </>
  )
}
