// Where each reply of Redis ends in a stream of bytes, and what it consists of, without decoding it (RESP2).

/** A reply as far as it must be known before the driver gets it. */
export interface ScannedReply {
  readonly kind: ReplyKind
  /** Of an array: its elements. */
  readonly elements: number
  /** Kinds of the first elements of an array. */
  readonly first: readonly ReplyKind[]
  /** Whether all elements of an array are strings. */
  readonly strings: boolean
  /** Whether all elements of arrays inside it are strings. */
  readonly nestedStrings: boolean
  /** The text of a status, or of the first element of an array; cut off. */
  readonly text: string
}

export type ReplyKind = 'status' | 'error' | 'integer' | 'string' | 'array' | 'null'

export const NOT_REDIS = 'NOT_REDIS'

/** What arrives is no reply of Redis, or more than is read into memory. */
export class ReplyFault extends Error {
  readonly code = NOT_REDIS
}

export interface ReplyScanner {
  /** Index behind the reply that ends next in `chunk` from `at` on, and that reply; null when none ends in it. */
  next(chunk: Buffer, at: number): { readonly end: number; readonly reply: ScannedReply } | null
  /** Whether a reply has begun and not ended. */
  midway(): boolean
}

export interface ReplyLimits {
  /** Of one reply, with everything in it. */
  readonly bytes: number
  readonly elements: number
}

/** Ten messages of 20 MB are read at once in the worst case; Redis itself allows 512 MB for a single one. */
export const REPLY_LIMITS: ReplyLimits = { bytes: 256 * 1024 * 1024, elements: 500_000 }
/** Nothing that Unjam asks for is deeper: EXEC → SCAN → keys. */
const DEEPEST = 4
const LONGEST_LINE = 64 * 1024
const TEXT = 200
const FIRST = 4
const CR = 13
const LF = 10
const DOLLAR = 36
const FIRST_BYTES = new Set(Buffer.from('+-:$*'))

interface Open {
  left: number
}

/** @throws ReplyFault from `next` */
export function createReplyScanner(limits = REPLY_LIMITS): ReplyScanner {
  let line: Buffer[] = []
  let lineLength = 0
  /** Bytes of a string that are still to come, its line end included. */
  let skip = 0
  let captures = false
  let open: Open[] = []
  let bytes = 0
  let elements = 0
  let reply = emptyReply()

  function limit(more: number): void {
    bytes += more
    if (bytes > limits.bytes) throw new ReplyFault(`a reply has more than ${limits.bytes} bytes`)
  }

  /** The line without its end, once it is there; it may come in pieces. */
  function takeLine(chunk: Buffer, at: number): { text: string; end: number } | null {
    if (lineLength === 0 && !FIRST_BYTES.has(chunk[at] ?? 0)) throw new ReplyFault('not a reply')
    const end = chunk.indexOf(LF, at)
    const piece = chunk.subarray(at, end === -1 ? chunk.length : end + 1)
    lineLength += piece.length
    limit(piece.length)
    if (lineLength > LONGEST_LINE) throw new ReplyFault('a line is too long')
    if (end === -1) {
      line.push(piece)
      return null
    }
    const whole = line.length === 0 ? piece : Buffer.concat([...line, piece])
    line = []
    lineLength = 0
    if (whole.at(-2) !== CR) throw new ReplyFault('a line ends without CR')
    return { text: whole.toString('latin1', 0, whole.length - 2), end: end + 1 }
  }

  function note(kind: ReplyKind, text: string): void {
    const [outer] = open
    if (outer === undefined) {
      reply.kind = kind
      if (kind === 'status' || kind === 'error') reply.text = text.slice(0, TEXT)
      return
    }
    if (++elements > limits.elements) throw new ReplyFault(`a reply has more than ${limits.elements} elements`)
    if (open.length > 1) {
      if (kind !== 'string') reply.nestedStrings = false
      return
    }
    if (kind !== 'string') reply.strings = false
    if (reply.first.length < FIRST) reply.first.push(kind)
  }

  /** One value is complete; so is every array of which it was the last. */
  function complete(): boolean {
    for (let inner = open.at(-1); inner !== undefined && --inner.left === 0; inner = open.at(-1)) open.pop()
    return open.length === 0
  }

  /** Where the string begins whose line `stringBegins` has taken. */
  let behind = 0

  /** Takes the line before each of a million messages without making a text of it. */
  function stringBegins(chunk: Buffer, at: number): boolean {
    if (lineLength > 0 || chunk[at] !== DOLLAR) return false
    behind = headEnd(chunk, at)
    if (behind === 0) return false
    limit(behind - at)
    beginString(digits(chunk, at + 1, behind - 2))
    return true
  }

  function beginString(length: number): false {
    captures = open.length === 1 && reply.first.length === 0
    note('string', '')
    skip = length + 2
    limit(skip)
    return false
  }

  /** Whether the value of this line is complete with it. */
  function begin(text: string): boolean {
    const value = text.slice(1)
    switch (text[0]) {
      case '+':
        note('status', value)
        return true
      case '-':
        note('error', value)
        return true
      case ':':
        if (!/^[+-]?\d{1,20}$/.test(value)) throw new ReplyFault('a number is malformed')
        note('integer', '')
        return true
      case '$': {
        const length = lengthOf(value)
        if (length !== -1) return beginString(length)
        note('null', '')
        return true
      }
      case '*': {
        const length = lengthOf(value)
        note(length === -1 ? 'null' : 'array', '')
        if (open.length === 0) reply.elements = Math.max(0, length)
        if (length <= 0) return true
        if (length > limits.elements) throw new ReplyFault(`a reply has more than ${limits.elements} elements`)
        open.push({ left: length })
        if (open.length > DEEPEST) throw new ReplyFault('a reply is nested too deeply')
        return false
      }
      default:
        throw new ReplyFault('not a reply')
    }
  }

  return {
    midway: () => bytes > 0,
    next(chunk, from) {
      let at = from
      while (at < chunk.length) {
        let ended = false
        if (skip > 0) {
          const piece = Math.min(skip, chunk.length - at)
          if (captures && reply.text.length < TEXT)
            reply.text += chunk.toString('latin1', at, at + Math.min(piece, TEXT))
          at += piece
          skip -= piece
          if (skip > 0) return null
          if (chunk[at - 1] !== LF) throw new ReplyFault('a string is longer than announced')
          ended = complete()
        } else if (stringBegins(chunk, at)) {
          at = behind
        } else {
          const found = takeLine(chunk, at)
          if (found === null) return null
          at = found.end
          // An empty array is complete at once; one with elements when its last element is.
          ended = begin(found.text) && complete()
        }
        if (!ended) continue
        const done = reply
        reply = emptyReply()
        open = []
        bytes = elements = 0
        captures = false
        return { end: at, reply: { ...done, text: done.text.replace(/\r?\n?$/, '') } }
      }
      return null
    },
  }
}

function emptyReply() {
  return {
    kind: 'null' as ReplyKind,
    elements: 0,
    first: [] as ReplyKind[],
    strings: true,
    nestedStrings: true,
    text: '',
  }
}

/** Behind the line end of `$123\r\n`; 0 for any other line, or half of one. */
function headEnd(chunk: Buffer, at: number): number {
  let end = at + 1
  while ((chunk[end] ?? 0) >= 48 && (chunk[end] ?? 0) <= 57 && end - at < 12) end++
  return end > at + 1 && chunk[end] === CR && chunk[end + 1] === LF ? end + 2 : 0
}

function digits(chunk: Buffer, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) value = value * 10 + (chunk[at] ?? 48) - 48
  return value
}

function lengthOf(text: string): number {
  if (!/^(-1|\d{1,15})$/.test(text)) throw new ReplyFault('a length is not a number')
  return Number(text)
}
