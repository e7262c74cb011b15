// The engine's log stream as lines: frames or raw bytes, cut anywhere, each line with the engine's timestamp.
import { AnswerFault } from './answer-shapes.ts'

/** `[stream, 0, 0, 0, length as big endian 32 bits]` (moby api/docs, ContainerAttach). */
const HEADER = 8
/** A longer line is worth no one's screen. */
const LONGEST = 10_000
/** An engine cuts lines into frames of 16 to 64 KB; one that announces more sends no log. */
const LARGEST_FRAME = 8 * 1024 * 1024
/** Of a line without end, what follows is dropped: more than its beginning is never shown. */
const LARGEST_LINE = 1024 * 1024

export interface LogLine {
  /** RFC 3339 with nanoseconds, always the same length: sorts as text. Empty when the line carries none. */
  readonly stamp: string
  readonly text: string
}

export interface LineReader {
  push(chunk: Uint8Array): LogLine[]
  /** The last line, when it has no line end yet. */
  end(): LogLine[]
}

export interface Frame {
  readonly stream: number
  readonly payload: Buffer
}

/** Cuts a byte stream into its frames, however it arrives; an invalid header is an error, never silently text. */
export function frameSplitter(): (chunk: Uint8Array) => Frame[] {
  let pending: Buffer = Buffer.alloc(0)
  return (chunk) => {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk])
    const frames: Frame[] = []
    let at = 0
    while (pending.length - at >= HEADER) {
      const stream = pending.readUInt8(at)
      if (stream > 3 || pending.readUIntBE(at + 1, 3) !== 0)
        throw new AnswerFault('its log has an invalid frame header')
      const length = pending.readUInt32BE(at + 4)
      if (length > LARGEST_FRAME) throw new AnswerFault(`its log announces a frame of ${length} bytes`)
      if (pending.length - at - HEADER < length) break
      frames.push({ stream, payload: pending.subarray(at + HEADER, at + HEADER + length) })
      at += HEADER + length
    }
    pending = pending.subarray(at)
    return frames
  }
}

/** For containers without a TTY: one frame is one message, and a message without a line end is continued by the next. */
export function framedLines(): LineReader {
  const split = frameSplitter()
  const open = new Map<number, { stamp: string; parts: Buffer[]; bytes: number }>()

  function close(stream: number): LogLine[] {
    const line = open.get(stream)
    open.delete(stream)
    // Joined before it is decoded: a character may be cut in two by the frames.
    return line === undefined ? [] : [{ stamp: line.stamp, text: plain(Buffer.concat(line.parts).toString('utf8')) }]
  }

  return {
    push(chunk) {
      return split(chunk).flatMap(({ stream, payload }) => {
        if (payload.length === 0) return []
        const { stamp, rest } = takeStamp(payload)
        const line = open.get(stream) ?? { stamp, parts: [], bytes: 0 }
        if (line.bytes < LARGEST_LINE) line.parts.push(rest)
        line.bytes += rest.length
        open.set(stream, line)
        return rest.at(-1) === NEWLINE ? close(stream) : []
      })
    },
    end: () => [...open.keys()].flatMap(close),
  }
}

/** For a TTY: raw bytes, both streams in one. */
export function rawLines(): LineReader {
  let pending: Buffer = Buffer.alloc(0)
  const lineOf = (bytes: Buffer): LogLine => {
    const { stamp, rest } = takeStamp(bytes)
    return { stamp, text: plain(rest.toString('utf8')) }
  }
  return {
    push(chunk) {
      pending = Buffer.concat([pending, chunk])
      const lines: LogLine[] = []
      for (let end = pending.indexOf(NEWLINE); end >= 0; end = pending.indexOf(NEWLINE)) {
        lines.push(lineOf(pending.subarray(0, end + 1)))
        pending = pending.subarray(end + 1)
      }
      if (pending.length > LARGEST_LINE) pending = pending.subarray(0, LARGEST_LINE)
      return lines
    },
    end() {
      const rest = pending
      pending = Buffer.alloc(0)
      return rest.length === 0 ? [] : [lineOf(rest)]
    },
  }
}

const NEWLINE = 0x0a
const STAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{9}Z /
const STAMP_LENGTH = 31

function takeStamp(bytes: Buffer): { stamp: string; rest: Buffer } {
  const stamp = bytes.toString('latin1', 0, STAMP_LENGTH)
  if (!STAMP.test(stamp)) return { stamp: '', rest: bytes }
  return { stamp: stamp.trimEnd(), rest: bytes.subarray(STAMP_LENGTH) }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal begin with ESC
const COLOUR = /\u001b\[[0-9;?]*[A-Za-z]/g

function plain(text: string): string {
  const line = text.replace(/\r?\n$/, '').replace(COLOUR, '')
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
