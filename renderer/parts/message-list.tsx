// The messages of one queue, or those its workers hold: narrowed to a task or a job, page after page.
import { useRef, useState } from 'react'
import type { Message } from '../../electron/contract/queue.ts'
import { count, failureText } from '../format.ts'
import { useKey } from '../keys.ts'
import { go, type QueuesRoute } from '../route.ts'
import { type ChosenQueue, shortTask } from '../select-queues.ts'
import { usePageList } from '../use-page-list.ts'
import { MessageTable } from './message-table.tsx'
import { FailureNote } from './section.tsx'

interface Props {
  readonly chosen: ChosenQueue
  readonly route: QueuesRoute
  readonly where: Message['where']
}

export function MessageList({ chosen, route, where }: Props) {
  const { system, name: queue } = chosen
  const { task, job } = route
  const view = usePageList<Message>(
    {
      key: JSON.stringify([system, queue, where, task, job]),
      tried: `Read the messages of ${queue}`,
      page: async (client, limit, cursor, signal) => {
        const page = await client.queues.messages({ system, queue, where, task, job, limit, cursor }, { signal })
        return { items: page.messages, cursor: page.cursor }
      },
    },
    chosen.revision,
  )
  const { items, list, status, failure } = view
  const narrow = (change: Partial<QueuesRoute>) => go({ ...route, system, queue, ...change })
  const sum = `${view.cursor === null ? '' : 'the first '}${count(items.length, 'message')}`
  const none = status === 'ready' && items.length === 0
  return (
    <>
      <Filters route={route} chosen={chosen} onNarrow={narrow} sum={status === 'ready' && !none ? sum : ''} />
      {failure !== null && <FailureNote text={failureText(failure)} again={() => void list?.refresh()} />}
      {none ? (
        <p className="py-4 text-ink-3">{emptyText(where, task !== null || job !== null)}</p>
      ) : (
        <MessageTable view={view} system={system} now={chosen.now} />
      )}
    </>
  )
}

function emptyText(where: Message['where'], narrowed: boolean): string {
  if (narrowed) return 'No message here is of this task and job.'
  return where === 'queue'
    ? 'Nothing waits here.'
    : 'No worker has taken a message of this queue that it has not acknowledged.'
}

interface FilterProps {
  readonly route: QueuesRoute
  readonly chosen: ChosenQueue
  readonly onNarrow: (change: Partial<QueuesRoute>) => void
  readonly sum: string
}

function Filters({ route, chosen, onNarrow, sum }: FilterProps) {
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(route.job ?? '')
  useKey('/', () => field.current?.focus())
  const tasks = chosen.groups.flatMap(({ task }) => task ?? [])
  const named = route.task === null || tasks.includes(route.task) ? tasks : [route.task, ...tasks]
  const keep = (job: string) => onNarrow({ job: job.trim() === '' ? null : job.trim() })
  return (
    <div className="flex items-center gap-2 h-[50px] flex-none">
      <input
        ref={field}
        type="search"
        className="field w-[250px]"
        aria-label="Only messages of this job"
        placeholder="Only the job with this id   /"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          if (event.target.value === '') keep('')
        }}
        onBlur={() => text.trim() !== (route.job ?? '') && keep(text)}
        onKeyDown={(event) => event.key === 'Enter' && keep(text)}
      />
      <label className="flex items-center gap-2 text-small text-ink-2">
        Task
        <select
          className="field font-semibold max-w-[280px]"
          value={route.task ?? ''}
          onChange={(event) => onNarrow({ task: event.target.value === '' ? null : event.target.value })}
        >
          <option value="">any</option>
          {named.map((task) => (
            <option key={task} value={task}>
              {shortTask(task)}
            </option>
          ))}
        </select>
      </label>
      <span role="status" className="ml-auto text-small text-ink-3 clip">
        {sum}
      </span>
    </div>
  )
}
