// What waits in a queue, by task: how many, of how many jobs, from whom, and since when it has been seen.
import { percent, whole } from '../format.ts'
import { anyQueue, hashOf } from '../route.ts'
import type { ChosenQueue, GroupRow } from '../select-queues.ts'
import { Progress } from './progress.tsx'

export function QueueGroups({ chosen }: { chosen: ChosenQueue }) {
  const { queue } = chosen
  const reading = queue.read < queue.messages
  if (queue.messages === 0)
    return <p className="py-4 text-ink-3">Nothing waits here. A queue that is empty does not exist in Redis.</p>
  if (chosen.groups.length === 0)
    return (
      <p className="py-4 text-ink-3">
        {chosen.lost === null
          ? 'Its messages have not been read yet.'
          : `What waits here cannot be read now: ${chosen.lost.because}.`}
      </p>
    )
  return (
    <div className="overflow-y-auto min-h-0 max-small:flex-none pb-6">
      {reading && (
        <div className="flex items-center gap-4 py-2 text-small text-ink-2">
          <span className="w-[180px] flex-none">
            <Progress label="Messages read" percent={percent(queue.read, queue.messages)} />
          </span>
          {whole(queue.read)} of {whole(queue.messages)} read; the shares below are of these.
        </div>
      )}
      <table className="rows table-fixed" aria-label="Messages by task">
        <thead>
          <tr>
            <th className="w-[26%] max-narrow:w-[32%]">Task</th>
            <th className="num w-[104px]">Messages</th>
            <th className="w-[20%] max-narrow:hidden">Share</th>
            <th className="num w-[84px]">Jobs</th>
            <th className="num w-[96px]">Duplicates</th>
            <th>Sent by</th>
            <th className="text-right! w-[108px]">Seen since</th>
          </tr>
        </thead>
        <tbody>
          {chosen.groups.map((group) => (
            <Group key={group.task ?? ''} group={group} chosen={chosen} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Group({ group, chosen }: { group: GroupRow; chosen: ChosenQueue }) {
  const { system, name } = chosen
  const route = { ...anyQueue, system, queue: name, part: 'messages', task: group.task } as const
  // Two senders of a task that no job belongs to are two schedulers (runbook 2).
  const several = group.origins.length > 1 && group.jobs === '–'
  return (
    <tr>
      <td className="clip" title={group.task ?? undefined}>
        {group.task === null ? (
          <span className="unk">{group.short}</span>
        ) : (
          <a href={hashOf(route)} className="mono text-ink">
            {group.short}
          </a>
        )}
      </td>
      <td className="num">{group.messages}</td>
      <td className="max-narrow:hidden">
        <span className="block h-2" aria-hidden="true">
          <span className="block h-full bg-bar-done min-w-[2px]" style={{ width: `${group.share}%` }} />
        </span>
      </td>
      <td className={`num ${group.jobs === '–' ? 'text-ink-3' : ''}`}>{group.jobs}</td>
      <td className={`num ${group.duplicates === 0 ? 'text-ink-3' : 'text-attention'}`}>{whole(group.duplicates)}</td>
      <td className={`clip text-small ${several ? 'text-attention' : 'text-ink-2'}`} title={group.origins.join(', ')}>
        {group.origins.length === 0 ? '–' : group.origins.join(', ')}
      </td>
      <td className="text-right whitespace-nowrap">{group.seen}</td>
    </tr>
  )
}
