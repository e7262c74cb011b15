// The machine and program Unjam runs on: doctor, models, settings view, worker log, as the screens show them.
import * as z from 'zod'
import { Failure, Instant } from './failure.ts'

/** One thing Unjam needs, and whether it is there. */
export const Check = z.object({
  id: z.enum(['node', 'data', 'database', 'compiler', 'engine', 'model', 'decoder', 'desktop', 'browser']),
  title: z.string(),
  state: z.enum(['ok', 'missing', 'later']),
  /** One sentence: what is there, or what is missing and how to get it. */
  sentence: z.string(),
})
export type Check = z.infer<typeof Check>

/** A model whisper.cpp publishes, and whether it is here; or a file that was imported, whose checksum is empty. */
export const CatalogModel = z.object({
  name: z.string(),
  fileName: z.string(),
  bytes: z.number(),
  memoryBytes: z.number().nullable(),
  sha1: z.string(),
  present: z.boolean(),
  /** Ready to be used by the worker as `worker.model`. */
  selected: z.boolean(),
})
export type CatalogModel = z.infer<typeof CatalogModel>

export const HostInfo = z.object({
  version: z.string(),
  dataDir: z.string(),
  platform: z.string(),
  cores: z.number().int(),
  memoryBytes: z.number(),
  freeMemoryBytes: z.number(),
  user: z.string(),
  host: z.enum(['desktop', 'browser', 'terminal']),
  startedAt: Instant,
  /** Said once on screen: a settings file set aside, a port that was taken. */
  notices: z.array(z.string()),
})
export type HostInfo = z.infer<typeof HostInfo>

export const LogLine = z.object({
  n: z.number().int(),
  at: Instant,
  level: z.enum(['info', 'warn', 'error']),
  text: z.string(),
})
export type LogLine = z.infer<typeof LogLine>

export const LogPage = z.object({ lines: z.array(LogLine), cursor: z.number().int() })
export type LogPage = z.infer<typeof LogPage>

export const ModelResult = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), path: z.string(), sentence: z.string() }),
  z.object({ ok: z.literal(false), failure: Failure }),
])
export type ModelResult = z.infer<typeof ModelResult>
