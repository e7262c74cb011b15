// Events of workers (celeryev): heartbeats and goodbyes by our own clock, and which job a task works on.
import * as z from 'zod'
import { parsePythonJson } from '../message/python-text.ts'
import type { RedisSource } from '../redis/connect.ts'
import { globEscaped } from '../redis/keys.ts'
import { keepSubscribed } from '../redis/subscribe.ts'

/** The last sign of life a worker sent by itself. */
export interface Beat {
  /** When it arrived, by performance.now(). */
  readonly arrivedMs: number
  /** The worker's own clock at that moment, ms since 1970: the difference is its skew. */
  readonly sentMs: number
  readonly everyMs: number
  readonly pid: number | null
  /** It said goodbye: nothing is to be expected any more. */
  readonly offline: boolean
}

/** What a task event tells beyond what results tell: names and arguments, as the sender printed them. */
export interface TaskEvent {
  readonly type: string
  readonly id: string
  readonly worker: string
  readonly name: string | null
  readonly args: string | null
  readonly kwargs: string | null
}

export interface CeleryEvents {
  beats(): ReadonlyMap<string, Beat>
  /** For how long heartbeats could have arrived without a gap; 0 while the subscription does not stand. */
  listeningMs(): number
  close(): void
}

const Event = z.object({
  type: z.string(),
  hostname: z.string(),
  timestamp: z.number().catch(0),
  freq: z.number().positive().catch(2),
  pid: z.number().int().nullish().catch(null),
  uuid: z.string().nullish().catch(null),
  name: z.string().nullish().catch(null),
  args: z.string().nullish().catch(null),
  kwargs: z.string().nullish().catch(null),
})
const Envelope = z.object({ body: z.string() })
/** Containers have new names after each recreate; more than this were never alive at once. */
const MOST_WORKERS = 1000
const HINT_MS = 250

/**
 * Only listens. Workers send heartbeats anyway and task events only when they are told to (`-E`): telling them would
 * change every worker of the stack, so Unjam does not, and reads the result feed instead, which needs no telling.
 */
export function watchEvents(source: RedisSource, on: { task(event: TaskEvent): void; change(): void }): CeleryEvents {
  const beats = new Map<string, Beat>()
  let since: number | null = null
  let hint: NodeJS.Timeout | undefined
  /** A busy fleet sends hundreds of events a second; one hint in a while is enough to read again. */
  const change = () => {
    hint ??= setTimeout(() => {
      hint = undefined
      on.change()
    }, HINT_MS)
  }
  const redis = source.dedicated(() => undefined)
  redis.on('close', () => {
    since = null
  })
  keepSubscribed(redis, `${globEscaped(source.keys.events)}*`, () => {
    since = performance.now()
  })
  redis.on('pmessage', (_pattern: string, _channel: string, text: string) => {
    for (const event of readEvents(text)) take(event)
  })
  function take(event: z.infer<typeof Event>): void {
    const { type, hostname: worker } = event
    if (type.startsWith('worker-')) {
      const offline = type === 'worker-offline'
      const before = beats.get(worker)
      beats.delete(worker)
      beats.set(worker, {
        arrivedMs: performance.now(),
        sentMs: event.timestamp * 1000,
        everyMs: event.freq * 1000,
        pid: event.pid ?? null,
        offline,
      })
      for (const [name] of beats) if (beats.size > MOST_WORKERS) beats.delete(name)
      // A heartbeat is no news; a worker that came or went is.
      if (offline || before === undefined || before.offline || type === 'worker-online') change()
      return
    }
    if (!type.startsWith('task-') || event.uuid == null) return
    on.task({
      type,
      id: event.uuid,
      worker,
      name: event.name ?? null,
      args: event.args ?? null,
      kwargs: event.kwargs ?? null,
    })
    change()
  }

  return {
    beats: () => beats,
    listeningMs: () => (since === null ? 0 : performance.now() - since),
    close() {
      clearTimeout(hint)
      redis.disconnect()
    },
  }
}

/** One event or a batch of them (`task.multi`); whatever is not an event is left out. Never throws. */
export function readEvents(text: string): readonly z.infer<typeof Event>[] {
  try {
    const { body } = Envelope.parse(JSON.parse(text))
    const said = parsePythonJson(Buffer.from(body, 'base64').toString('utf8'))
    return (Array.isArray(said) ? said : [said]).flatMap((one) => {
      const event = Event.safeParse(one)
      return event.success ? [event.data] : []
    })
  } catch {
    return []
  }
}
