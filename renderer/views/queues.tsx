// What waits in the brokers: every queue, the chosen one by task and message, and its failed attempts.
import { whole } from '../format.ts'
import { type Act, ActBar } from '../parts/act-bar.tsx'
import { FailedAttempts } from '../parts/failed-attempts.tsx'
import { Main } from '../parts/main.tsx'
import { MessageList } from '../parts/message-list.tsx'
import { PartTabs, type Tab } from '../parts/part-tabs.tsx'
import { QueueGroups } from '../parts/queue-groups.tsx'
import { QueueJobs } from '../parts/queue-jobs.tsx'
import { QueueTable } from '../parts/queue-table.tsx'
import { Empty } from '../parts/section.tsx'
import { anyQueue, hashOf, type QueuePart, type QueuesRoute } from '../route.ts'
import { type ChosenQueue, isConsumable, nothingToDo, selectQueues } from '../select-queues.ts'
import { useView } from '../services.tsx'

export function QueuesView({ route }: { route: QueuesRoute }) {
  const model = useView((state, now) => selectQueues(state, now, route))
  const { chosen } = model
  if (model.none)
    return (
      <Main label="Queues">
        <h1 className="text-title font-display">Queues</h1>
        <Empty title="No system here has a broker.">
          The local worker takes its jobs straight from the database. A Celery system is added in{' '}
          <a href={hashOf({ view: 'settings', part: 'systems' })}>Settings, Systems</a>.
        </Empty>
      </Main>
    )
  return (
    <Main label="Queues" fill level={chosen === null || chosen.level === 'info' ? 'clear' : chosen.level}>
      <div className="flex items-center gap-3">
        <h1 className="text-title font-display">Queues</h1>
        {chosen !== null && (
          <span className="text-ink-3">
            {chosen.system} · {chosen.lost === null ? chosen.read : <span className="unk">{chosen.read}</span>}
          </span>
        )}
      </div>
      <QueueTable rows={model.rows} blind={model.blind} chosen={chosen} part={route.part} />
      {chosen === null ? (
        <p className="py-4 text-ink-3">No queue exists and no worker consumes one.</p>
      ) : (
        <Chosen key={`${chosen.system} ${chosen.name}`} chosen={chosen} route={route} />
      )}
    </Main>
  )
}

function Chosen({ chosen, route }: { chosen: ChosenQueue; route: QueuesRoute }) {
  const { system, name, queue } = chosen
  return (
    <>
      <div className="mt-4">
        <ActBar system={system} revision={chosen.revision} acts={actsOn(chosen)}>
          <h2 className="text-lead font-semibold clip">{name}</h2>
        </ActBar>
      </div>
      <PartTabs label="Parts of the queue" tabs={tabsOf(chosen, route)} />
      {route.part === 'groups' && <QueueGroups chosen={chosen} />}
      {route.part === 'jobs' && <QueueJobs chosen={chosen} />}
      {route.part === 'messages' && <MessageList key="queue" chosen={chosen} route={route} where="queue" />}
      {route.part === 'unacked' &&
        (queue.unacked === null ? (
          <p className="py-4 text-unknown">The broker does not say which queue unacknowledged messages belong to.</p>
        ) : (
          <MessageList key="unacked" chosen={chosen} route={route} where="unacked" />
        ))}
      {route.part === 'attempts' && <FailedAttempts chosen={chosen} />}
    </>
  )
}

function tabsOf({ system, name, queue, lost, results }: ChosenQueue, route: QueuesRoute): Tab[] {
  const tab = (title: string, part: QueuePart, n: number | null | undefined): Tab => ({
    title,
    route: { ...anyQueue, system, queue: name, part },
    here: route.part === part,
    n:
      part === 'groups' || part === 'jobs'
        ? null
        : { value: n == null ? null : whole(n), lost: part === 'attempts' ? results.lost : lost },
    bad: part === 'attempts',
  })
  return [
    tab('By task', 'groups', null),
    tab('By job', 'jobs', null),
    tab('Messages', 'messages', queue.messages),
    tab('Unacked', 'unacked', queue.unacked),
    tab('Failed attempts', 'attempts', results.value?.failed),
  ]
}

function actsOn({ name, queue }: ChosenQueue): Act[] {
  const act = (id: Act['id'], label: string, key: string): Act => ({
    id,
    label,
    key,
    ids: [name],
    // A finding's remedy names the queue as a parameter; here it is the target as well.
    params: id === 'enqueue-now' ? {} : { queue: name },
    nothing: nothingToDo(id, queue),
  })
  return [
    act('enqueue-now', 'Enqueue now', 'e'),
    isConsumable(queue)
      ? act('resume-queue', queue.paused ? 'Resume' : 'Let workers consume it', 'p')
      : act('pause-queue', 'Pause', 'p'),
    act('collapse-periodic', 'Collapse', 'c'),
    act('deduplicate-queue', 'De-duplicate', 'd'),
    act('purge-queue', 'Purge', 'Delete'),
  ]
}
