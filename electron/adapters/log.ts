// The program's own log: one JSON line each, in a file that cannot grow without end, with every secret masked.
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import pino from 'pino'
import { FailureError } from '../contract/failure.ts'
import { findKnown } from '../contract/secrets/known-text.ts'
import { maskTree } from '../contract/secrets/mask-tree.ts'

/** `where` names a part of Unjam; `message` is one sentence; `details` are for whoever looks into it. */
export interface Log {
  info(where: string, message: string, details?: unknown): void
  warn(where: string, message: string, details?: unknown): void
  error(where: string, message: string, details?: unknown): void
}

const LIMIT_BYTES = 10_000_000
const CHECK_EVERY_LINES = 500
const DEPTH = 6

/**
 * `file` is opened at once, a too large one kept as `.1`; null writes none. `secrets` are values that must not appear,
 * asked for at every line because settings change. A log that cannot be written never stops the program.
 */
export function createLog(options: { file: string | null; stderr: boolean; secrets(): readonly string[] }): Log {
  const { file, secrets } = options
  const stderr = options.stderr ? pino(SHAPE, pino.destination({ fd: 2, sync: true })) : null
  let toFile = file === null ? null : open(file)
  let lines = 0

  function write(level: 'info' | 'warn' | 'error', where: string, message: string, details: unknown): void {
    const masked = maskTree({ where, message, details: plain(details, 0) }, findKnown(secrets()))
    const entry = { where: masked.where, ...(details === undefined ? {} : { details: masked.details }) }
    if (file !== null && ++lines % CHECK_EVERY_LINES === 0 && tooLarge(file)) {
      toFile?.destination.end()
      toFile = open(file)
    }
    toFile?.logger[level](entry, String(masked.message))
    stderr?.[level](entry, String(masked.message))
  }

  return {
    info: (where, message, details) => write('info', where, message, details),
    warn: (where, message, details) => write('warn', where, message, details),
    error: (where, message, details) => write('error', where, message, details),
  }
}

const SHAPE = {
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
}

/** null when it cannot be written (a full disk, a folder of that name): no program ends for its log. */
function open(file: string) {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    if (tooLarge(file)) renameSync(file, `${file}.1`)
    // Synchronous: the last lines before a crash are the ones that matter.
    const destination = pino.destination({ dest: file, sync: true, mode: 0o600 })
    // Nowhere is left to say so.
    destination.on('error', () => undefined)
    return { destination, logger: pino(SHAPE, destination) }
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    process.stderr.write(`The log cannot be written, so there is none: ${because}\n`)
    return null
  }
}

function tooLarge(file: string): boolean {
  return existsSync(file) && statSync(file).size > LIMIT_BYTES
}

/** Anything as values JSON can hold: errors with their cause and stack, cycles and depths cut. */
function plain(value: unknown, depth: number): unknown {
  if (depth > DEPTH) return '…'
  if (value instanceof Error) {
    const { message, stack, cause } = value
    return {
      name: value.name,
      message,
      ...('code' in value ? { code: plain(value.code, depth + 1) } : {}),
      ...(value instanceof FailureError ? { failure: value.failure } : {}),
      stack,
      ...(cause === undefined ? {} : { cause: plain(cause, depth + 1) }),
    }
  }
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function') return String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (Array.isArray(value)) return value.slice(0, 100).map((one) => plain(one, depth + 1))
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (value instanceof Map || value instanceof Set) return plain([...value], depth)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one, depth + 1)]))
}
