// A worker from start to end: checked, registered, its slots filled until it is drained or stopped.
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkerCommand, WorkerConfig, WorkerLine } from '../electron/contract/worker-protocol.ts'
import { CannotWork } from './check-tools.ts'
import { isAway, reason } from './database.ts'
import type { Floor } from './floor.ts'
import { keepBeating } from './heartbeat.ts'
import { LiveJob } from './live-job.ts'
import { openFloor } from './open-floor.ts'
import { probeDurations } from './probe-durations.ts'
import { runJob } from './run-job.ts'
import type { Policy } from './schedule.ts'
import { countOpen } from './store/count-open.ts'
import { takeJob } from './take-job.ts'
import { productionTiming, type Timing } from './timing.ts'

export interface WorkerLinks {
  emit(line: WorkerLine): void
  /** Its end means nothing; the end of a supervisor is a `stop` like any other (main.ts). */
  readonly commands: AsyncIterable<WorkerCommand>
  /** Aborting it is a `stop`. */
  readonly signal: AbortSignal
}

/** For tests and benches only. */
export interface Internals {
  readonly timing?: Timing
  readonly policy?: Policy
}

/** The search for work costs the database at most 1/20 of its time, however long its queue. */
const idleFactor = 20
const longestPollMs = 5000
/** The last writes of jobs given back wait this long for the database; then their leases run out by themselves. */
const lastCallMs = 2500

/**
 * Works until drained or stopped. Rejects with `CannotWork` (its message is the sentence; a fatal `bye` was emitted)
 * when the model, the engine or the table is not usable; jobs are left as they are, no retry is burned.
 */
export async function runWorker(
  config: WorkerConfig,
  links: WorkerLinks,
  { timing = productionTiming, policy = 'fair' }: Internals = {},
): Promise<'drained' | 'stopped'> {
  const lastCall = new AbortController()
  const stopped = new AbortController()
  let fatal: CannotWork | null = null
  let last: NodeJS.Timeout | undefined
  let floor: Floor | null = null

  function stop(why: CannotWork | null): void {
    fatal ??= why
    if (stopped.signal.aborted) return
    last = setTimeout(() => lastCall.abort(), lastCallMs)
    stopped.abort()
    if (floor === null) return
    floor.mode = 'stopping'
    for (const live of floor.lives) live.interrupt('stop')
    floor.wake()
  }
  if (links.signal.aborted) stop(null)
  else links.signal.addEventListener('abort', () => stop(null), { once: true })
  const commands = links.commands[Symbol.asyncIterator]()
  void obey(commands, links, stop, () => floor)

  try {
    const opened = await openFloor(config, links, { timing, policy, stop, lastCall: lastCall.signal }, stopped.signal)
    floor = opened.floor
    if (stopped.signal.aborted) floor.mode = 'stopping'
    try {
      await work(floor, opened.register)
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (!stopped.signal.aborted || error instanceof CannotWork) {
      fatal ??= error instanceof CannotWork ? error : new CannotWork(reason(error), { cause: error })
    }
  } finally {
    clearTimeout(last)
    void commands.return?.()
  }
  if (fatal !== null) {
    links.emit({ type: 'bye', reason: 'fatal', message: fatal.message })
    throw fatal
  }
  const end = stopped.signal.aborted ? 'stopped' : 'drained'
  links.emit({ type: 'bye', reason: end, message: null })
  return end
}

async function obey(
  commands: AsyncIterator<WorkerCommand>,
  links: WorkerLinks,
  stop: (fatal: null) => void,
  floor: () => Floor | null,
): Promise<void> {
  let wanted: Floor['mode'] = 'working'
  try {
    for (let next = await commands.next(); next.done !== true; next = await commands.next()) {
      const { type } = next.value
      if (type === 'stop') stop(null)
      else if (type === 'pause' && wanted === 'working') wanted = 'paused'
      else if (type === 'resume' && wanted === 'paused') wanted = 'working'
      else if (type === 'drain') wanted = 'finishing'
      const now = floor()
      if (now !== null && now.mode !== 'stopping') {
        now.mode = wanted
        now.wake()
      }
    }
  } catch (error) {
    links.emit({ type: 'log', level: 'error', message: `The commands cannot be read any more: ${reason(error)}` })
    stop(null)
  }
}

async function work(floor: Floor, register: () => Promise<void>): Promise<void> {
  const ended = new AbortController()
  const beats = [keepBeating(floor, ended.signal, register), probeDurations(floor, ended.signal)]
  try {
    const oneAtATime = taker(floor)
    await Promise.all(Array.from({ length: floor.config.slots }, (_, slot) => fillSlot(floor, slot, oneAtATime)))
  } finally {
    ended.abort()
    await Promise.all(beats)
  }
}

type Take = (slot: number) => Promise<LiveJob | null>

/** Slots take jobs one after the other, and ask together: what found nothing for one finds nothing for the next. */
function taker(floor: Floor): Take {
  let turn: Promise<unknown> = Promise.resolve()
  return (slot) => {
    const taken = turn.then(async () => {
      if (floor.mode !== 'working') return null
      const next = await takeJob(floor)
      if (next === null) return null
      const live = new LiveJob(next.job, slot, next.passedOver)
      floor.lives.add(live)
      if (floor.ended()) live.interrupt('stop')
      return live
    })
    turn = taken.catch(() => undefined)
    return taken
  }
}

async function fillSlot(floor: Floor, slot: number, take: Take): Promise<void> {
  const { timing, config } = floor
  while (floor.mode === 'working' || floor.mode === 'paused') {
    const woken = floor.nextWake()
    const began = performance.now()
    try {
      const live = await take(slot)
      if (live !== null) {
        try {
          await runJob(floor, live)
        } finally {
          floor.lives.delete(live)
        }
        continue
      }
      if (config.drain && floor.mode === 'working' && (await floor.db.once((db) => countOpen(db, floor.table))) === 0) {
        floor.mode = 'finishing'
        floor.wake()
        return
      }
    } catch (error) {
      if (!isAway(error)) floor.log('error', `Taking a job failed: ${reason(error)}`)
      await pause(timing.backOffMs, woken)
      continue
    }
    const searchMs = (performance.now() - began) * idleFactor
    await pause(Math.max(timing.pollMs, Math.min(searchMs, longestPollMs)), woken)
  }
}

/** Sleeps until woken, at most `ms`. */
async function pause(ms: number, woken: Promise<void>): Promise<void> {
  const over = new AbortController()
  await Promise.race([woken, sleep(ms, undefined, { signal: over.signal }).catch(() => undefined)])
  over.abort()
}
