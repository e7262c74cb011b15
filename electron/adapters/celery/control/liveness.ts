// What a worker's signs of life and silence mean: one verdict with its evidence. Pure; every age is by our own clock.
import type { Worker } from '../../../contract/snapshot.ts'

export interface Signs {
  /** It answered the question that was just asked. */
  readonly answered: boolean
  /** Since its last answer; null when it never answered. */
  readonly answerAgeMs: number | null
  /** Since we know of it. */
  readonly knownMs: number
  /** Since its last heartbeat arrived; null when none ever did. */
  readonly heartbeatAgeMs: number | null
  /** How often it beats. */
  readonly beatEveryMs: number
  /** For how long heartbeats could have been heard. */
  readonly listeningMs: number
  /** Redis still delivers control messages to it. */
  readonly connected: boolean
  /** Heartbeats came after its control connection was gone. */
  readonly livesOn: boolean
  /** A heartbeat came after a question that it did not answer. One from before says nothing: stopping ends both. */
  readonly beatsOn: boolean
  /** It said goodbye (worker-offline) after its last sign of life. */
  readonly goodbye: boolean
  /** One process that does everything: silent while a task runs. */
  readonly solo: boolean
  /** A task that it reported as started and not as ended. */
  readonly holds: { readonly id: string; readonly forMs: number | null } | null
  /** Its app reports every start, so that holding nothing means that nothing runs. */
  readonly reportsStarts: boolean
  readonly slots: number
  readonly busy: number
  /** What it consumes; null when it never said. */
  readonly queues: readonly string[] | null
  /** Messages in the queues it consumes. */
  readonly waiting: number
  /** Since messages wait for it, a slot is free, and nothing was started; null when that is not so. */
  readonly idleMs: number | null
  /** Queues that Unjam paused. */
  readonly paused: readonly string[]
}

export type Verdict = Pick<Worker, 'state' | 'because'>

/** Shorter silences are the noise of a busy machine, not a state. */
const NOTICE_MS = 4000
const MISSED_BEATS = 3

/** @param idleLimitMs how long messages may wait beside a free slot before it is called not-consuming. */
export function verdictOf(signs: Signs, idleLimitMs: number): Verdict {
  return signs.answered ? ofAnswering(signs, idleLimitMs) : ofSilent(signs)
}

function ofAnswering({ queues, waiting, slots, busy, idleMs, paused }: Signs, idleLimitMs: number): Verdict {
  if (queues !== null && queues.length === 0)
    return paused.length > 0
      ? { state: 'paused', because: `Unjam paused ${named(paused)}; it consumes no other queue.` }
      : { state: 'not-consuming', because: 'It answers, but it consumes no queue.' }
  if (slots === 0) return { state: 'not-consuming', because: 'It answers, but its pool has no process left.' }
  if (idleMs !== null && idleMs >= idleLimitMs)
    return {
      state: 'not-consuming',
      because: `It answers and ${busy} of ${slots} slots work, but it has taken nothing for ${seconds(idleMs)} although ${waiting} ${waiting === 1 ? 'message waits' : 'messages wait'} in ${named(queues ?? [])}.`,
    }
  return { state: 'running', because: null }
}

function ofSilent(signs: Signs): Verdict {
  const { connected, goodbye, solo, holds, heartbeatAgeMs, answerAgeMs, knownMs } = signs
  const silent = answerAgeMs ?? knownMs
  const since = answerAgeMs === null ? 'It has never answered' : `It last answered ${seconds(answerAgeMs)} ago`
  if (goodbye) return { state: 'lost', because: 'It was shut down and said goodbye.' }
  if (!connected) return withoutConnection(signs, since)
  if (solo && holds !== null)
    return {
      state: 'busy',
      because: `Its solo pool answers nothing while a task runs: ${holds.id}${holds.forMs === null ? '' : `, for ${seconds(holds.forMs)}`}.`,
    }
  if (heartbeatAgeMs !== null && heartbeatAgeMs <= signs.beatEveryMs * MISSED_BEATS) {
    if (silent < NOTICE_MS) return { state: answerAgeMs === null ? 'unknown' : 'running', because: `${since}.` }
    return signs.beatsOn
      ? {
          state: 'hung',
          because: `${since}, yet its heartbeat came ${seconds(heartbeatAgeMs)} ago: its control connection hangs, and it takes no messages.`,
        }
      : { state: 'unknown', because: `${since}; its next heartbeat will tell whether it hangs or is stopped.` }
  }
  if (silent < NOTICE_MS) return { state: 'unknown', because: `${since}.` }
  if (solo && !signs.reportsStarts)
    return {
      state: 'unknown',
      because: `${since}. Its solo pool is silent while a task runs, and nothing says whether one does.`,
    }
  const enoughMs = signs.beatEveryMs * MISSED_BEATS
  // Only while it answered does it count that no heartbeat came: Unjam may have come when it was silent already.
  if (heartbeatAgeMs === null && answerAgeMs !== null && signs.listeningMs - answerAgeMs > enoughMs)
    return {
      state: 'unknown',
      because: `${since} and has never sent a heartbeat (--without-heartbeat): hung or frozen.`,
    }
  if (heartbeatAgeMs === null && signs.listeningMs <= enoughMs)
    return { state: 'unknown', because: `${since}; its heartbeats are still waited for.` }
  return {
    state: 'frozen',
    because: `${since}${heartbeatAgeMs === null ? ' and sends no heartbeats' : `, its last heartbeat came ${seconds(heartbeatAgeMs)} ago`}; its connection to Redis still stands: the process is stopped, or its machine sleeps.`,
  }
}

/** Redis delivers no control messages to it any more. Killed workers and hung ones differ in their next heartbeat. */
function withoutConnection({ heartbeatAgeMs, beatEveryMs, answerAgeMs, livesOn }: Signs, since: string): Verdict {
  const overdue = heartbeatAgeMs === null || heartbeatAgeMs > beatEveryMs * 1.5
  if (overdue && !(livesOn && heartbeatAgeMs !== null && heartbeatAgeMs <= beatEveryMs * MISSED_BEATS))
    return { state: 'lost', because: `${since}; its connection to Redis is gone: killed, crashed or cut off.` }
  if (!livesOn)
    return { state: 'unknown', because: `${since} and has no control connection; its next heartbeat will tell.` }
  return answerAgeMs === null
    ? {
        state: 'unknown',
        because:
          'It sends heartbeats and listens to no commands: it is starting, or its remote control is switched off.',
      }
    : {
        state: 'hung',
        because: `${since}, yet its heartbeat came ${seconds(heartbeatAgeMs ?? 0)} ago: its control connection hangs, and it takes no messages.`,
      }
}

function seconds(ms: number): string {
  return ms < 100_000 ? `${Math.max(0, Math.round(ms / 1000))} s` : `${Math.round(ms / 60_000)} min`
}

function named(queues: readonly string[]): string {
  return queues.length === 1 ? `queue ${queues[0]}` : `queues ${queues.join(', ')}`
}
