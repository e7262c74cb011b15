// The worker's log as a person reads it: the last lines, numbered, one sentence for each thing that happened.
import { assertNever } from '../contract/failure.ts'
import type { LogLine, LogPage } from '../contract/host.ts'
import type { WorkerLine } from '../contract/worker-protocol.ts'

export interface WorkerLog {
  add(level: LogLine['level'], text: string): void
  /** The lines after `cursor`, oldest first, at most `limit`; `cursor` 0 begins at the oldest that is kept. */
  page(cursor: number, limit: number): LogPage
}

const LONGEST_TEXT = 1000

export function workerLog(limit: number): WorkerLog {
  const lines: LogLine[] = []
  let last = 0
  return {
    add(level, text) {
      const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
      lines.push({ n: ++last, at: new Date().toISOString(), level, text: short })
      if (lines.length > limit) lines.splice(0, lines.length - limit)
    },
    page(cursor, most) {
      const first = lines[0]?.n ?? 1
      // A cursor from before a restart of Unjam lies ahead of us: begin again.
      const from = cursor > last ? 0 : Math.max(0, cursor - first + 1)
      const page = lines.slice(from, from + Math.max(0, most))
      return { lines: page, cursor: page.at(-1)?.n ?? Math.min(cursor, last) }
    },
  }
}

/** null for what happens every second. */
export function lineText(line: WorkerLine): { level: LogLine['level']; text: string } | null {
  const info = (text: string) => ({ level: 'info' as const, text })
  switch (line.type) {
    case 'beat':
      return null
    case 'ready': {
      const slots = line.slots === 1 ? '1 slot' : `${line.slots} slots`
      const threads = line.threads === 1 ? '1 thread' : `${line.threads} threads`
      return info(`Ready: ${slots} of ${threads}, model ${fileName(line.model)}, process ${line.pid}.`)
    }
    case 'started':
      return info(
        line.resumedChunks === 0
          ? `Started ${line.title} (attempt ${line.attempt}).`
          : `Resumed ${line.title} after ${line.resumedChunks} saved ${line.resumedChunks === 1 ? 'chunk' : 'chunks'} (attempt ${line.attempt}).`,
      )
    case 'chunk':
      return info(
        `Transcribed ${time(line.startMs)}–${time(line.endMs)} of ${line.title}, ${speed(line.endMs - line.startMs, line.wallMs)}.`,
      )
    case 'parked':
      return info(`${line.title} stepped aside for ${line.for}; its chunks are kept.`)
    case 'done':
      return info(
        `Done: ${line.title}, ${time(line.audioMs)} of audio in ${time(line.wallMs)}, ${speed(line.audioMs, line.wallMs)}, ` +
          `${line.segments} ${line.segments === 1 ? 'segment' : 'segments'}.`,
      )
    case 'failed':
      return line.final
        ? { level: 'error', text: `Failed: ${line.title}: ${stopped(line.error)}` }
        : { level: 'warn', text: `${line.title} will be tried again: ${stopped(line.error)}` }
    case 'cancelled':
      return info(`Cancelled: ${line.title}.`)
    case 'log':
      return { level: line.level, text: line.message }
    case 'bye':
      if (line.reason === 'fatal') return { level: 'error', text: stopped(line.message ?? 'The worker cannot go on') }
      return info(line.reason === 'drained' ? 'Nothing is left to do; the worker ended.' : 'The worker stopped.')
    default:
      return assertNever(line)
  }
}

function stopped(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

function speed(audioMs: number, wallMs: number): string {
  return wallMs > 0 ? `${(audioMs / wallMs).toFixed(1)}× real time` : 'at once'
}

/** 0:07, 12:40, 1:03:20. */
function time(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path
}
