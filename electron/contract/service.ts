// A compose stack as a person sees it: its services, its engine, its logs, its .env.
import * as z from 'zod'
import { Instant } from './failure.ts'
import { SystemId } from './job.ts'

/** One container of a compose service. */
export const Service = z.object({
  /** Container id, 12 characters. */
  id: z.string(),
  service: z.string(),
  container: z.string(),
  /** Which replica: 1, 2, … */
  number: z.number().int(),
  image: z.string(),
  state: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
  /** null: it has no health check, which is not the same as healthy. */
  health: z.enum(['starting', 'healthy', 'unhealthy']).nullable(),
  /** The last output of its health check, at most 500 characters. */
  healthOutput: z.string().nullable(),
  restarts: z.number().int(),
  exitCode: z.number().int().nullable(),
  outOfMemory: z.boolean(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** Percent of one core; null until two samples exist. */
  cpuPercent: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  memoryLimitBytes: z.number().nullable(),
  /** What it gets to end by itself when it is stopped, before it is killed; a worker its job. */
  stopGraceMs: z.number().default(10_000),
  /** `127.0.0.1:8080 → 80/tcp`. */
  ports: z.array(z.string()),
  /** What opens a shell in it, to copy. */
  shell: z.string(),
})
export type Service = z.infer<typeof Service>

export const StackInfo = z.object({
  project: z.string(),
  workingDir: z.string(),
  configFiles: z.array(z.string()),
  envFile: z.string().nullable(),
  /** Compose files and .env are on this machine; else everything about files is read-only. */
  filesHere: z.boolean(),
  engine: z.object({
    endpoint: z.string(),
    version: z.string(),
    apiVersion: z.string(),
    os: z.string(),
    /** What the engine runs on, as it says itself: “Docker Desktop”, “Ubuntu 24.04.1 LTS”; null: it does not say. */
    product: z.string().nullable(),
    /** Of its machine, or of the virtual one that Docker Desktop gives it. */
    memoryBytes: z.number().nullable(),
  }),
  /** Version of the compose CLI, or null: changes then go through the engine. */
  compose: z.string().nullable(),
})
export type StackInfo = z.infer<typeof StackInfo>

export const ServiceLogQuery = z.object({
  system: SystemId,
  service: z.string().min(1),
  /** Of an earlier page: only what came after it. Null begins `limit` lines before the end, or at `since`. */
  cursor: z.string().max(500).nullish(),
  since: Instant.nullish(),
  /** Only lines with this text, case-insensitive, taken literally. */
  search: z.string().max(200).default(''),
  limit: z.coerce.number().int().min(1).max(2000).default(300),
})
export type ServiceLogQuery = z.output<typeof ServiceLogQuery>

export const ServiceLogLine = z.object({
  at: Instant.nullable(),
  container: z.string(),
  /** Of the text: ERROR, FAIL, Exception, Traceback are `error`; WARNING is `warn` (runbook 0 looks for them). */
  level: z.enum(['info', 'warn', 'error']),
  text: z.string(),
})
export type ServiceLogLine = z.infer<typeof ServiceLogLine>
export const ServiceLogPage = z.object({ lines: z.array(ServiceLogLine), cursor: z.string() })
export type ServiceLogPage = z.infer<typeof ServiceLogPage>

/** A key of the stack's .env that Unjam knows, or one that only the file knows. */
export const EnvEntry = z.object({
  key: z.string(),
  /** As the file says, masked when secret; null when it is absent or commented out. */
  value: z.string().nullable(),
  secret: z.boolean(),
  /** Meaning and unit, of keys Unjam knows. */
  meaning: z.string().nullable(),
  unit: z.string().nullable(),
  /** Services whose definition uses it; null when that cannot be told. */
  services: z.array(z.string()).nullable(),
  /** The value inside running containers, masked when secret. */
  running: z.array(z.object({ service: z.string(), value: z.string().nullable() })),
  /** A running container has another value than the file: edited, but not recreated. */
  unapplied: z.boolean(),
})
export type EnvEntry = z.infer<typeof EnvEntry>

export const EnvState = z.object({
  path: z.string(),
  entries: z.array(EnvEntry),
})
export type EnvState = z.infer<typeof EnvState>

/** The whole file for the raw editor, secrets masked; saved through the action `set-env`. */
export const EnvView = EnvState.extend({
  text: z.string(),
  /** Of the file as read; a save on top of another file is refused. */
  hash: z.string(),
  lineEnding: z.enum(['LF', 'CRLF', 'mixed']),
  bom: z.boolean(),
  /** Duplicate keys, lines that are no assignment: each as a sentence. */
  warnings: z.array(z.string()),
})
export type EnvView = z.infer<typeof EnvView>

/** What the stack's own API says about the queue; null is "it does not say". */
export const ApiStatus = z.object({
  queued: z.number().int().nullable(),
  running: z.number().int().nullable(),
  done: z.number().int().nullable(),
  failed: z.number().int().nullable(),
})
export type ApiStatus = z.infer<typeof ApiStatus>
