// One moment of one system in words: each number with what it is, unknown where it was not read.
import type { HistoryMoment, RecordedJob, RecordedSystem } from '../electron/contract/history.ts'
import { isSample } from '../electron/contract/sample.ts'
import { ago, audio, count, duration, moment, time, whole } from './format.ts'
import { type Level, levelOf } from './select.ts'

export interface MomentFact {
  readonly label: string
  /** null: it could not be read then. */
  readonly value: string | null
}
export interface MomentJob {
  readonly id: string
  readonly title: string
  readonly heartbeat: string
  readonly rest: string
}
export interface MomentModel {
  readonly title: string
  /** “read 4 s before”; null when nothing is as old as that. */
  readonly age: string | null
  readonly facts: readonly MomentFact[]
  readonly jobs: readonly MomentJob[]
  readonly findings: readonly { key: string; level: Level; text: string }[]
  /** Of a sample, findings are not kept: nothing is said about whether one stood. */
  readonly knowsFindings: boolean
  readonly unread: readonly string[]
}

/** Of a moment that was read longer before than this, nothing is known at the moment asked for. */
const STALE_MS = 11 * 60_000

export function momentModel({ moment: read, findings }: HistoryMoment, id: string, atMs: number): MomentModel {
  const before = read === null ? Number.POSITIVE_INFINITY : atMs - time(read.at)
  const system = before > STALE_MS ? null : (read?.systems.find((one) => one.id === id) ?? null)
  return {
    title: moment(atMs),
    age: system === null ? null : before < 1000 ? 'read then' : `read ${duration(before)} before`,
    facts: system === null ? [] : factsOf(system, atMs),
    jobs: (system?.running ?? []).map(jobOf),
    findings: findings
      .filter((one) => one.system === id)
      .map((one) => ({ key: one.key, level: levelOf(one), text: one.headline })),
    knowsFindings: !isSample(id),
    unread: (system?.unread ?? []).map(({ part, because }) => `${part}: ${because}`),
  }
}

function factsOf({ counts, queues, workers, dependencies, lastDoneAt }: RecordedSystem, atMs: number): MomentFact[] {
  const number = (n: number | undefined) => (n === undefined ? null : whole(n))
  return [
    { label: 'Queued', value: number(counts?.queued) },
    { label: 'Running', value: number(counts?.running) },
    { label: 'Done', value: number(counts?.done) },
    { label: 'Failed', value: number(counts?.failed) },
    { label: 'Last done', value: lastDoneAt === null ? null : ago(Math.max(0, atMs - time(lastDoneAt))) },
    { label: 'Workers', value: workers === null ? null : workersText(workers) },
    ...(queues ?? []).map(({ name, messages, unacked }) => ({
      label: `Queue ${name}`,
      value: `${count(messages, 'message')}${unacked === null ? '' : `, ${whole(unacked)} taken`}`,
    })),
    ...(dependencies ?? []).map(({ name, state }) => ({ label: name, value: state === 'unknown' ? null : state })),
  ]
}

function workersText(workers: NonNullable<RecordedSystem['workers']>): string {
  if (workers.length === 0) return 'none'
  const states = new Map<string, number>()
  for (const { state } of workers) states.set(state, (states.get(state) ?? 0) + 1)
  return [...states].map(([state, n]) => `${n} ${state}`).join(', ')
}

function jobOf({ id, title, heartbeatAgeMs, audioMs, audioDoneMs, percent, elapsedMs }: RecordedJob): MomentJob {
  const rest = [
    elapsedMs === null ? [] : [`running ${duration(elapsedMs)}`],
    percent === null ? [] : [`at ${percent} %`],
    audioMs === null ? [] : [`${audioDoneMs === null ? '' : `${audio(audioDoneMs)} of `}${audio(audioMs)} of audio`],
  ].flat()
  return {
    id,
    title,
    heartbeat: heartbeatAgeMs === null ? 'heartbeat unknown' : `heartbeat ${ago(heartbeatAgeMs)}`,
    rest: rest.join(' · '),
  }
}
