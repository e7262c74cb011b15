// Messages sent and taken out exactly once per operation: one script for each, with its record under a key of Unjam's own.
import { FailureError } from '../../../contract/failure.ts'
import type { RedisSource } from '../redis/connect.ts'
import { entryOf, fieldOf, indexOf, type KeptKind, untilNow } from '../redis/kept.ts'
import type { Keys } from '../redis/keys.ts'

const recordOf = (keys: Keys, kind: KeptKind, operation: string) => keys.own(kind, operation)

/** In place of a message that is not to be sent any more. */
const WITHHELD = ''

/** KEYS 1 list, 2 record, 3 index. ARGV 1 field, 2 value of the index, 3 task id, 4 message. Returns what was sent. */
const SEND = `
local before = redis.call('HGET', KEYS[2], ARGV[3])
if before then return before end
local t = redis.call('TYPE', KEYS[1]).ok
if t ~= 'list' and t ~= 'none' then return { t } end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
redis.call('LPUSH', KEYS[1], ARGV[4])
return ARGV[4]`

/**
 * To be called with a connection, which has learned how the app separates names. A message in a list whose name was
 * guessed would never run.
 */
function listOf(keys: Keys, queue: string, priority: number, tried: string): string {
  if (priority > 0 && !keys.learned())
    throw new FailureError({
      kind: 'refused',
      tried,
      on: queue,
      because: `its priority is ${priority}, and no binding in Redis shows the separator of the app`,
      remedy: 'Start a worker, then try again.',
    })
  return keys.queue(queue, priority)
}

export async function sendOnce(
  source: RedisSource,
  message: { queue: string; priority?: number; name: string; id: string; raw: string; operation: string },
  abort: AbortSignal,
): Promise<string> {
  const { keys } = source
  const { queue, priority, name, id, raw, operation } = message
  const tried = `Enqueue ${name}`
  const list = await source.run(tried, abort, async () => listOf(keys, queue, priority ?? 0, tried))
  const reply: unknown = await source.run(tried, abort, async (redis) =>
    redis.eval(
      SEND,
      3,
      ...[list, recordOf(keys, 'sent', operation), indexOf(keys)],
      ...[fieldOf('sent', operation), entryOf(await untilNow(redis), queue), id, raw],
    ),
  )
  if (reply === WITHHELD)
    throw new FailureError({
      kind: 'refused',
      tried,
      on: queue,
      because: `operation ${operation} was cancelled before this message was sent`,
      remedy: 'Start the action again.',
    })
  if (typeof reply === 'string') return reply
  throw new FailureError({
    kind: 'invalid',
    tried,
    on: queue,
    because: `the key ${list} is a ${Array.isArray(reply) ? reply[0] : 'different type'}, not a queue`,
    remedy: 'Correct the name of the queue, or the database in the broker URL.',
  })
}

/** What this operation has sent under this id; null when it has sent nothing. */
export async function sentAs(
  source: RedisSource,
  operation: string,
  id: string,
  abort: AbortSignal,
): Promise<string | null> {
  const raw = await source.run('Find a sent message', abort, (redis) =>
    redis.hget(recordOf(source.keys, 'sent', operation), id),
  )
  return raw === WITHHELD ? null : raw
}

export async function sentIds(source: RedisSource, operation: string, abort: AbortSignal): Promise<readonly string[]> {
  const record = await source.run('Read which messages were sent', abort, (redis) =>
    redis.hgetall(recordOf(source.keys, 'sent', operation)),
  )
  return Object.entries(record).flatMap(([id, raw]) => (raw === WITHHELD ? [] : [id]))
}

/** KEYS 1 record, 2 index. ARGV 1 field, 2 value of the index, then task ids. Returns those that were sent. */
const WITHHOLD = `
local sent = {}
for i = 3, #ARGV do
  local raw = redis.call('HGET', KEYS[1], ARGV[i])
  if not raw then redis.call('HSET', KEYS[1], ARGV[i], '')
  elseif raw ~= '' then sent[#sent + 1] = ARGV[i] end
end
if #ARGV > 2 then redis.call('HSET', KEYS[2], ARGV[1], ARGV[2]) end
return sent`

/** Where one of them is still on its way, its script finds it given up. */
export async function withholdTasks(
  source: RedisSource,
  operation: string,
  ids: readonly string[],
  abort: AbortSignal,
): Promise<readonly string[]> {
  const { keys } = source
  const sent: unknown = await source.run('Cancel unsent messages', abort, async (redis) =>
    redis.eval(
      WITHHOLD,
      2,
      ...[recordOf(keys, 'sent', operation), indexOf(keys)],
      ...[fieldOf('sent', operation), entryOf(await untilNow(redis), ''), ...ids],
    ),
  )
  return Array.isArray(sent) ? sent.map(String) : []
}

/** KEYS 1 record, 2 index, then lists. ARGV 1 field, 2 value of the index, 3 message. Searched from the end that runs next. */
const WITHDRAW = `
if redis.call('LPOS', KEYS[1], ARGV[3]) then return 1 end
for i = 3, #KEYS do
  if redis.call('TYPE', KEYS[i]).ok == 'list' and redis.call('LREM', KEYS[i], -1, ARGV[3]) == 1 then
    redis.call('RPUSH', KEYS[1], ARGV[3])
    redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
    return 1
  end
end
return 0`

/** True when exactly this message still waited, or when this operation has taken it out before. */
export async function withdrawTask(
  source: RedisSource,
  queue: string,
  raw: string,
  operation: string,
  abort: AbortSignal,
): Promise<boolean> {
  const { keys } = source
  const tried = 'Remove a message from its queue'
  // Only a connection has learned how the app separates names.
  const lists = await source.run(tried, abort, async () => keys.steps(queue).map(({ key }) => key))
  const taken = await source.run(tried, abort, async (redis) =>
    redis.eval(
      WITHDRAW,
      lists.length + 2,
      ...[recordOf(keys, 'withdrawn', operation), indexOf(keys), ...lists],
      ...[fieldOf('withdrawn', operation), entryOf(await untilNow(redis), queue), raw],
    ),
  )
  return Number(taken) === 1
}

export async function withdrawnBy(
  source: RedisSource,
  operation: string,
  abort: AbortSignal,
): Promise<readonly string[]> {
  return source.run('Read which messages were removed', abort, (redis) =>
    redis.lrange(recordOf(source.keys, 'withdrawn', operation), 0, -1),
  )
}
