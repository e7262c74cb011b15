// One quarantine in Redis: the names of its keys, its lock, and its scripts with their refusals as sentences.
import { randomUUID } from 'node:crypto'
import { FailureError } from '../../../contract/failure.ts'
import type { QuarantineRule } from '../../../core/ports/broker.ts'
import type { Redis } from '../redis/connect.ts'
import { indexOf } from '../redis/kept.ts'
import { type Keys, STEPS } from '../redis/keys.ts'
import { RELEASE } from './scripts.ts'

/** Renewed by every step; after a crash it lapses and the leftovers may be put back. */
export const LOCK_MS = 10_000
/** Messages moved by one script: about 1 ms, in which no other client is served. */
export const PER_CALL = 500

/** What a queue of an operation consists of besides its live list. */
const PARTS = ['', 'src', 'keep', 'order', 'out', 'aside'] as const

export interface Quarantining {
  readonly operation: string
  readonly queue: string
  /** Opens every sentence about a refusal. */
  readonly tried: string
  /** The quarantine itself, one list per priority step. */
  readonly moved: readonly { priority: number; key: string }[]
  readonly src: readonly string[]
  /** Every list that holds messages of the queue while the operation is open. */
  readonly outside: readonly string[]
  /** What an undo does not put back, one list per priority step. */
  readonly aside: readonly string[]
  /** Value of the lock while this one works on the queue. */
  readonly token: string
  /** Runs one script; its reply without the leading `ok`. @throws FailureError for a refusal of the script. */
  run(
    redis: Redis,
    script: string,
    ...args: (string | number)[]
  ): Promise<readonly number[] | 'more' | 'gone' | 'open' | 'restored'>
}

export const lockOf = (keys: Keys, queue: string) => keys.own('lock', queue)
/** Operations under way: name → queue. What is in it after a crash is put back by `recover`. */
export const openOf = (keys: Keys) => keys.own('operations')
export const journalOf = (keys: Keys, operation: string) => keys.own('quarantine', operation)

export function quarantining(
  keys: Keys,
  queue: string,
  operation: string,
  words: { tried: string; rule: QuarantineRule | 'undo' },
): Quarantining {
  const part = (step: number, name: (typeof PARTS)[number]) =>
    keys.own('quarantine', operation, queue, step, ...(name === '' ? [] : [name]))
  /** Named at the first script: only a connection has learned how the app separates names. The same for all scripts. */
  let all: readonly string[] | null = null
  const named = () => {
    const lists = keys.steps(queue).flatMap(({ step, key }) => [key, ...PARTS.map((name) => part(step, name))])
    return [lockOf(keys, queue), journalOf(keys, operation), openOf(keys), indexOf(keys), ...lists]
  }
  const token = `${randomUUID()} ${words.rule}`
  return {
    operation,
    queue,
    tried: words.tried,
    moved: STEPS.map((step) => ({ priority: step, key: part(step, '') })),
    src: STEPS.map((step) => part(step, 'src')),
    outside: STEPS.flatMap((step) => (['', 'src', 'keep', 'out'] as const).map((name) => part(step, name))),
    aside: STEPS.map((step) => part(step, 'aside')),
    token,
    async run(redis, script, ...args) {
      all ??= named()
      const reply: unknown = await redis
        .eval(script, all.length, ...all, token, LOCK_MS, operation, ...args)
        .catch(async (error: unknown) => {
          // A script that failed in its middle has not released the lock; on a lost connection neither works.
          await redis.eval(RELEASE, 1, lockOf(keys, queue), token).catch(() => undefined)
          throw error
        })
      const [status, ...rest] = Array.isArray(reply) ? reply : [reply]
      switch (status) {
        case 'ok':
          return rest.map(Number)
        case 'more':
        case 'gone':
        case 'open':
        case 'restored':
          return status
        default:
          throw refusal(words.tried, queue, String(status), rest.map(String))
      }
    },
  }
}

const names: Readonly<Record<string, string>> = {
  all: 'a purge',
  duplicates: 'a de-duplication',
  periodic: 'a collapse of periodic messages',
  undo: 'an undo',
}

/** The sentence for a lock that somebody holds; its value ends with what he does. */
export function heldBy(tried: string, queue: string, holder: string): FailureError {
  const what = names[holder.split(' ')[1] ?? ''] ?? 'another operation'
  return new FailureError({
    kind: 'busy',
    tried,
    on: queue,
    because: `${what} is working on this queue`,
    remedy: 'It ends within seconds; try it again then.',
  })
}

/** Its queue, or a list of an interrupted operation. */
function notAList(tried: string, queue: string, key: string, type: string): FailureError {
  if (!key.includes('unjam:quarantine:')) return notAQueue(tried, queue, type)
  const because = `the key ${key} is a ${type}, not a list`
  return new FailureError({ kind: 'invalid', tried, on: queue, because, remedy: 'Rename or delete that key.' })
}

export function notAQueue(tried: string, queue: string, type: string): FailureError {
  return new FailureError({
    kind: 'invalid',
    tried,
    on: queue,
    because: `the key of that name is a ${type}, not a queue`,
    remedy: 'Correct the name of the queue, or the database in the broker URL.',
  })
}

function refusal(tried: string, queue: string, status: string, rest: readonly string[]): FailureError {
  if (status === 'held') return heldBy(tried, queue, rest[0] ?? '')
  if (status === 'type') return notAList(tried, queue, rest[0] ?? queue, rest[1] ?? 'different type')
  const because =
    status === 'exists'
      ? `there is a quarantine ${rest[0]} already`
      : status === 'lost'
        ? 'it paused for too long, and another Unjam has put the messages back'
        : `Redis answered ${status}`
  return new FailureError({ kind: 'busy', tried, on: queue, because, remedy: 'Try it again.' })
}
