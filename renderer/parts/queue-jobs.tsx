// What waits in a queue, by job: those with the most messages first, and where the first of each waits.
import type { QueueJob } from '../../electron/contract/queue.ts'
import { count, duration, failureText, whole } from '../format.ts'
import { anyQueue, hashOf } from '../route.ts'
import { type ChosenQueue, shortTask } from '../select-queues.ts'
import { usePageList } from '../use-page-list.ts'
import { JobLink } from './job-link.tsx'
import { FailureNote } from './section.tsx'

type Row = QueueJob & { readonly different: number }

export function QueueJobs({ chosen }: { chosen: ChosenQueue }) {
  const { system, name: queue } = chosen
  const { items, list, status, failure } = usePageList<Row>(
    {
      key: JSON.stringify([system, queue]),
      tried: `Read the jobs of ${queue}`,
      page: async (client, limit, _cursor, signal) => {
        const { jobs, different } = await client.queues.jobs({ system, queue, limit: Math.min(limit, 200) }, { signal })
        return { items: jobs.map((job) => ({ ...job, different })), cursor: null }
      },
    },
    chosen.revision,
  )
  const different = items[0]?.different ?? 0
  if (failure !== null) return <FailureNote text={failureText(failure)} again={() => void list?.refresh()} />
  if (items.length === 0)
    return <p className="py-4 text-ink-3">{status === 'ready' ? 'No message here names a job.' : ''}</p>
  return (
    <div className="overflow-y-auto min-h-0 max-small:flex-none pb-6">
      <p role="status" className="py-3 text-small text-ink-3">
        {different > items.length
          ? `The ${whole(items.length)} with the most messages, of ${count(different, 'job')}.`
          : `${count(different, 'job')}, the most messages first.`}
      </p>
      <table className="rows table-fixed" aria-label="Messages by job">
        <thead>
          <tr>
            <th className="w-[26%]">Job</th>
            <th>Task</th>
            <th className="num w-[104px]">Messages</th>
            <th className="num w-[120px]">First at</th>
            <th className="text-right! w-[108px]">Seen since</th>
          </tr>
        </thead>
        <tbody>
          {items.map((row) => (
            <Line key={`${row.task} ${row.job}`} row={row} chosen={chosen} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Line({ row, chosen: { system, name } }: { row: Row; chosen: ChosenQueue }) {
  const { job, task, messages, position, priority, seenMs } = row
  const route = { ...anyQueue, system, queue: name, part: 'messages', job } as const
  return (
    <tr>
      <td className="clip">
        <JobLink system={system} job={job} absent="–" />
      </td>
      <td className="clip mono">{task === null ? '–' : shortTask(task)}</td>
      <td className={`num ${messages > 1 ? 'text-attention' : ''}`}>
        <a href={hashOf(route)} className="text-inherit">
          {whole(messages)}
        </a>
      </td>
      <td className="num">
        {whole(position + 1)}
        {priority === 0 ? '' : `, priority ${priority}`}
      </td>
      <td className="text-right whitespace-nowrap">{seenMs === null ? '–' : `≥ ${duration(seenMs)}`}</td>
    </tr>
  )
}
