// The columns of a message, as data: title, width, and one pure cell.
import type { ReactNode } from 'react'
import type { Message } from '../../electron/contract/queue.ts'
import { bytes, duration, time, when, whole } from '../format.ts'
import { shortTask } from '../select-queues.ts'
import { JobLink } from './job-link.tsx'

export interface MessageContext {
  readonly system: string
  readonly now: number
  readonly sinceReadMs: number
}
export interface MessageColumn {
  readonly title: string
  readonly width: string
  readonly number?: boolean
  readonly minor?: boolean
  readonly cell: (message: Message, context: MessageContext) => ReactNode
}

export const messageColumns: readonly MessageColumn[] = [
  {
    title: 'Position',
    width: '72px',
    number: true,
    cell: ({ position }) => (position === null ? '–' : whole(position + 1)),
  },
  { title: 'Task', width: 'minmax(120px, 0.9fr)', cell: taskCell },
  { title: 'Job', width: '96px', cell: ({ job }, { system }) => <JobLink system={system} job={job} absent="–" /> },
  { title: 'Arguments', width: 'minmax(0, 1fr)', minor: true, cell: ({ args }) => <code title={args}>{args}</code> },
  { title: 'Retries', width: '64px', number: true, cell: ({ retries }) => retries ?? '–' },
  {
    title: 'Not before',
    width: '92px',
    number: true,
    minor: true,
    cell: ({ eta }, { now }) => (eta === null ? '–' : when(time(eta), now)),
  },
  { title: 'Priority', width: '68px', number: true, minor: true, cell: ({ priority }) => priority },
  {
    title: 'Seen since',
    width: '104px',
    number: true,
    cell: ({ seenMs }, { sinceReadMs }) => (seenMs === null ? '–' : `≥ ${duration(seenMs + sinceReadMs)}`),
  },
]

function taskCell({ task, opaque, bytes: size, redelivered }: Message): ReactNode {
  if (opaque !== null)
    return (
      <span className="unk">
        opaque: {opaque}, {bytes(size)}
      </span>
    )
  return (
    <span title={task ?? undefined}>
      <code>{task === null ? 'no task named' : shortTask(task)}</code>
      {redelivered && <span className="text-attention"> redelivered</span>}
    </span>
  )
}
