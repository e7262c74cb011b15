// What a receipt promised: watches a purged queue and the database until the refill came or its time is over (runbook 2).
import type { Receipt, Watch } from '../contract/action.ts'
import { QueueTrail } from './actions/frozen-queue.ts'
import { nap, withDeadline } from './deadline.ts'
import type { History } from './ports/history.ts'
import type { Clock } from './ports/local.ts'
import type { System } from './ports/system.ts'
import { count, duration, number, plural } from './wording.ts'

const LOOK_EVERY_MS = 2000
const LOOK_MS = 10_000
/** Receipts looked through at the start: a watch lasts minutes. */
const RECENT = 200

export interface FollowOptions {
  systems(): readonly System[]
  readonly history: History
  readonly clock: Clock
  onBug(where: string, error: unknown): void
}

export interface Follow {
  /** Goes on with receipts that were watching when Unjam ended. */
  start(): void
  /** Begins with a receipt that has just been written; others are ignored. */
  add(receipt: Receipt): void
  stop(): Promise<void>
}

/** What one look at the queue and the database showed; a sentence is why it could not be taken. */
type Look = { readonly messages: number; readonly queued: number | null } | { readonly unread: string }

export function followReceipts({ systems, history, clock, onBug }: FollowOptions): Follow {
  let stopped = new AbortController()
  const following = new Map<string, Promise<void>>()

  function add(receipt: Receipt): void {
    if (receipt.watch?.state !== 'watching' || receipt.undone !== null || following.has(receipt.id)) return
    const done = follow(receipt.id, stopped.signal)
      .catch((error: unknown) => onBug('a watched receipt', error))
      .finally(() => following.delete(receipt.id))
    following.set(receipt.id, done)
  }

  async function follow(id: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const entry = history.get(id)
      const watch = entry?.receipt.watch
      // Undone, or told by another Unjam of the same history.
      if (entry === null || watch?.state !== 'watching' || entry.receipt.undone !== null) return
      const trail = QueueTrail.parse(JSON.parse(entry.trail))
      const look = await lookAt(entry.receipt, trail.quarantined.queue, signal)
      if (signal.aborted) return
      const now = { at: clock.now(), ms: clock.nowMs() }
      const verdict = judge(look, trail, now.ms - Date.parse(entry.receipt.at), now.ms >= Date.parse(watch.until))
      const latest = history.get(id)?.receipt
      if (verdict !== null && latest !== undefined && latest.undone === null)
        return history.replace({ ...latest, watch: { ...watch, ...verdict } })
      await nap(clock, LOOK_EVERY_MS, signal)
    }
  }

  async function lookAt(receipt: Receipt, queue: string, signal: AbortSignal): Promise<Look> {
    const system = systems().find(({ id }) => id === receipt.system)
    const broker = system?.broker ?? null
    if (system === undefined || broker === null) return { unread: 'the system is no longer in the settings' }
    try {
      return await withDeadline(clock, LOOK_MS, signal, { tried: 'Watch the queue', on: queue }, async (inner) => {
        const [queues, queued] = await Promise.all([
          broker.queues.queues(inner),
          system.jobs.counts(inner).then(
            (counts) => counts.queued,
            () => null,
          ),
        ])
        return { messages: queues.find(({ name }) => name === queue)?.messages ?? 0, queued }
      })
    } catch (error) {
      return { unread: error instanceof Error ? error.message : String(error) }
    }
  }

  return {
    start() {
      if (stopped.signal.aborted) stopped = new AbortController()
      for (const receipt of history.list(RECENT, null)) add(receipt)
    },
    add,
    async stop() {
      stopped.abort(new Error('stopped'))
      await Promise.all(following.values())
    },
  }
}

/** Null: not known yet. */
export function judge(
  look: Look,
  {
    quarantined: { queue },
    queued,
  }: { readonly quarantined: { readonly queue: string }; readonly queued: number | null },
  sinceMs: number,
  over: boolean,
): Pick<Watch, 'state' | 'sentence'> | null {
  const after = duration(sinceMs)
  if ('unread' in look)
    return over ? { state: 'missed', sentence: `Whether queue ${queue} was refilled is unknown: ${look.unread}` } : null
  if (look.messages > 0)
    return {
      state: 'came',
      sentence: `${after} after the purge ${count(look.messages, 'new message')} ${plural(look.messages, 'waits', 'wait')} in queue ${queue}.`,
    }
  if (queued !== null && look.queued !== null && look.queued < queued)
    return {
      state: 'came',
      sentence: `${after} after the purge workers have taken ${count(queued - look.queued, 'job')} of ${number(queued)} queued.`,
    }
  if (look.queued === 0)
    return {
      state: 'came',
      sentence: `No job is queued in the database, so nothing has to come back to queue ${queue}.`,
    }
  if (!over) return null
  const waiting =
    look.queued === null ? '' : ` although ${count(look.queued, 'job')} ${plural(look.queued, 'is', 'are')} queued`
  return {
    state: 'missed',
    sentence: `Nothing came to queue ${queue} within ${after}${waiting}: look whether beat runs and a worker is free for its enqueuer.`,
  }
}
