// The tree of crawl runs as lines: what each says of itself, and where its task really is.
import type { Job } from '../electron/contract/job.ts'
import type { RunNode, RunPlace } from '../electron/contract/run-tree.ts'
import { duration, time } from './format.ts'

export interface RunLine {
  readonly key: string
  readonly depth: 0 | 1
  readonly run: Job | null
  readonly title: string
  readonly state: Job['state'] | null
  /** Its own word where it is not one of ours. */
  readonly word: string | null
  readonly age: string
  readonly task: string | null
  readonly place: RunPlace | null
  /** Of a parent that is closed or has none: how many it has. */
  readonly hidden: number
}

/** A parent's own task ends once its children are on their way. */
export const placeOf = (run: Job | null, place: RunPlace): string =>
  place.at === 'nowhere' && (run?.children?.total ?? 0) > 0 ? 'its own task has ended' : placeText(place)

const placeText = ({ at, by }: RunPlace): string => {
  switch (at) {
    case 'active':
      return `worker ${by} is on it`
    case 'reserved':
      return `worker ${by} has taken it, not begun`
    case 'scheduled':
      return `worker ${by} keeps it for later`
    case 'queue':
      return `waits in queue ${by}`
    case 'taken':
      return 'a worker that is gone took it; it comes back'
    case 'nowhere':
      return 'nowhere: no worker, no queue'
    case 'unknown':
      return `unknown: ${by}`
  }
}

/** Runbook 3: a run that says running or pending and is nowhere will not go on by itself. */
export const isLost = (run: Job, place: RunPlace): boolean => place.at === 'nowhere' && run.children == null

export function linesOf(nodes: readonly RunNode[], closed: ReadonlySet<string>, now: number): RunLine[] {
  return nodes.flatMap((node) => {
    const parts = node.runs.length + node.children.length
    const open = !closed.has(node.run.id)
    const own = { ...lineOf(node.run, node.place, 0, now), hidden: open ? 0 : parts }
    if (!open) return [own]
    return [
      own,
      ...node.runs.map(({ run, place }) => lineOf(run, place, 1, now)),
      ...node.children.map(
        (child, index): RunLine => ({
          ...{ key: `${node.run.id} ${index}`, depth: 1, run: null, title: child.title, state: child.state },
          ...{ word: child.word, age: '', task: null, place: null, hidden: 0 },
        }),
      ),
    ]
  })
}

function lineOf(run: Job, place: RunPlace, depth: 0 | 1, now: number): RunLine {
  const since = run.state === 'running' ? run.startedAt : run.createdAt
  return {
    ...{ key: run.id, depth, run, title: run.title, state: run.state, word: null, hidden: 0 },
    age: since === null ? '–' : duration(Math.max(0, now - time(since))),
    ...{ task: run.task ?? null, place },
  }
}
