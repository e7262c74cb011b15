// What workers answer to questions, read for what Unjam needs; a shape it does not know becomes "it does not say".
import * as z from 'zod'

const Delivery = z.object({
  routing_key: z.string().nullish().catch(null),
  redelivered: z.boolean().nullish().catch(null),
})

/** A task in `active`, `reserved` or inside `scheduled`; arguments are values or their repr (`safe`). */
export const HeldTask = z.object({
  id: z.string(),
  name: z.string().catch(''),
  args: z.unknown().optional(),
  kwargs: z.unknown().optional(),
  time_start: z.number().nullish().catch(null),
  delivery_info: Delivery.nullish().catch(null),
})
export type HeldTask = z.infer<typeof HeldTask>

const Scheduled = z.object({ eta: z.string().nullish().catch(null), request: HeldTask })
export type ScheduledTask = z.infer<typeof Scheduled>

const Pool = z.object({
  'max-concurrency': z.number().int().nullish().catch(null),
  processes: z.array(z.number()).nullish().catch(null),
  implementation: z.string().nullish().catch(null),
  threads: z.number().int().nullish().catch(null),
  /** [soft, hard] seconds; 0 is none. */
  timeouts: z.array(z.number().nullable()).nullish().catch(null),
})
const Stats = z.object({
  pid: z.number().int().nullish().catch(null),
  /** Seconds; by a duration no clock can be wrong about. */
  uptime: z.number().nullish().catch(null),
  total: z.record(z.string(), z.number()).catch({}),
  pool: Pool.catch({}),
})

export interface WorkerStats {
  readonly pid: number | null
  readonly uptimeMs: number | null
  /** Tasks accepted since it started. */
  readonly accepted: number
  readonly slots: number
  readonly pool: 'prefork' | 'solo' | 'threads' | null
  readonly timeLimitMs: number | null
}

/** null when the worker sent an error or something else in place of its statistics. */
export function readStats(value: unknown): WorkerStats | null {
  const read = Stats.safeParse(value)
  if (!read.success) return null
  const { pid = null, uptime, total, pool } = read.data
  const kind = poolOf(pid, pool)
  const hard = pool.timeouts?.[1] ?? 0
  return {
    pid,
    uptimeMs: uptime == null ? null : uptime * 1000,
    accepted: Object.values(total).reduce((sum, n) => sum + n, 0),
    // Grown and shrunk pools keep their old max-concurrency (protocol §3.4): what counts is the processes.
    slots: kind === 'prefork' ? (pool.processes?.length ?? 0) : (pool['max-concurrency'] ?? pool.threads ?? 1),
    pool: kind,
    timeLimitMs: hard > 0 ? hard * 1000 : null,
  }
}

function poolOf(pid: number | null, pool: z.infer<typeof Pool>): WorkerStats['pool'] {
  const named = /prefork|solo|thread/.exec(pool.implementation ?? '')?.[0]
  if (named !== undefined) return named === 'thread' ? 'threads' : (named as 'prefork' | 'solo')
  if (pool.threads != null) return 'threads'
  if (pool.processes == null) return null
  // A solo worker is its own and only process.
  return pool.processes.length === 1 && pool.processes[0] === pid ? 'solo' : 'prefork'
}

export function readHeld(value: unknown): readonly HeldTask[] | null {
  return Array.isArray(value) ? value.flatMap((one) => HeldTask.safeParse(one).data ?? []) : null
}

export function readScheduled(value: unknown): readonly ScheduledTask[] | null {
  return Array.isArray(value) ? value.flatMap((one) => Scheduled.safeParse(one).data ?? []) : null
}

export function readQueues(value: unknown): readonly string[] | null {
  return Array.isArray(value)
    ? value.flatMap((one) => z.object({ name: z.string() }).safeParse(one).data?.name ?? [])
    : null
}

/** Task names; the worker adds limits in brackets when asked for them. */
export function readRegistered(value: unknown): readonly string[] | null {
  return Array.isArray(value)
    ? value.flatMap((one) => (typeof one === 'string' ? (one.split(' ')[0] ?? []) : []))
    : null
}

/** Whether the task is acknowledged only at its end, of an answer that was asked about it; null: it does not say. */
export function readAcksLate(value: unknown, task: string): boolean | null {
  const lines = Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  const line = lines.find((one) => one.startsWith(`${task} [`))
  const said = /\backs_late=(True|False)\b/.exec(line ?? '')?.[1]
  return said === undefined ? null : said === 'True'
}

const Transport = z.object({ broker_transport_options: z.object({ visibility_timeout: z.number().positive() }) })

/** `broker_transport_options.visibility_timeout`, seconds; null where the app leaves the default. */
export function readVisibility(value: unknown): number | null {
  return Transport.safeParse(value).data?.broker_transport_options.visibility_timeout ?? null
}

/**
 * Whether this app takes JSON alone. If not, `reserved` and `scheduled` are not asked: a pickled argument in a reply
 * hangs the worker (protocol §0.1, §3.6). Celery's default is JSON alone, and `conf` leaves defaults out.
 */
export function takesJsonOnly(value: unknown): boolean {
  const conf = z.object({ accept_content: z.array(z.string()).optional() }).safeParse(value)
  if (!conf.success) return false
  return (conf.data.accept_content ?? ['json']).every((one) => one === 'json' || one === 'application/json')
}

/** `{"ok": "…"}`, `{"error": "…"}`; anything else is shown as it came. */
export function readTold(value: unknown): { ok: boolean; text: string } {
  const ok = z.object({ ok: z.string() }).safeParse(value)
  if (ok.success) return { ok: true, text: ok.data.ok }
  const error = z.object({ error: z.string() }).safeParse(value)
  return { ok: false, text: error.success ? error.data.error : JSON.stringify(value).slice(0, 300) }
}
