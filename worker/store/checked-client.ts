// A Postgres client whose connection reads only well-formed messages of bounded size; anything else ends that connection.
import { EventEmitter } from 'node:events'
import { Duplex } from 'node:stream'
import pg from 'pg'

/** One answer (all messages until the server is ready again) that is larger than this is not read into memory. */
const MOST_BYTES = 64 * 1024 * 1024
/** A row of one digit takes twelve bytes on the wire and some hundred as an object. */
const MOST_ROWS = 1_000_000
const HEADER = 5

/** `code` of the error of a peer that does not speak Postgres' protocol, or stopped speaking it. */
export const NOT_POSTGRES = 'NOT_POSTGRES'

/**
 * The driver's parser trusts its peer: an error message without its end makes it loop for ever, a length without end
 * fills memory, and what it throws inside a socket event ends the process. Whatever listens on the port (a web server, a
 * proxy, half a reply) must cost its own connection and nothing else.
 */
export class CheckedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    // A client between two owners has no listener; the statement in flight and the pool report the error.
    this.on('error', () => undefined)
    const connection: unknown = Reflect.get(this, 'connection')
    if (!isConnection(connection)) throw new Error('pg has no connection.attachListeners to check messages in')
    const attach = connection.attachListeners.bind(connection)
    connection.attachListeners = (stream) => attach(checked(stream))
  }
}

interface Connection {
  /** Makes the driver's parser read the stream: the raw socket, or the one of TLS. */
  attachListeners(stream: EventEmitter): void
}

function isConnection(value: unknown): value is Connection {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'attachListeners') === 'function'
}

/** Passes whole messages on. What a listener throws while it reads one ends the stream, not the process. */
function checked(stream: EventEmitter): EventEmitter {
  const passed = new EventEmitter()
  const split = messageSplitter()
  let failed = false
  stream.on('data', (chunk: Buffer) => {
    if (failed) return
    try {
      const whole = split(chunk)
      if (whole.length > 0) passed.emit('data', whole)
    } catch (error) {
      failed = true
      const fault = error instanceof ProtocolError ? error : new ProtocolError('sent an unreadable message', error)
      if (stream instanceof Duplex) stream.destroy(fault)
    }
  })
  stream.on('end', () => passed.emit('end'))
  return passed
}

class ProtocolError extends Error {
  readonly code = NOT_POSTGRES
  constructor(what: string, cause?: unknown) {
    super(`the server ${what}: not the Postgres protocol`, { cause })
  }
}

/** Bytes as they arrive → whole messages, in as few pieces as they came in. @throws ProtocolError */
export function messageSplitter(most = MOST_BYTES): (chunk: Buffer) => Buffer {
  let parts: Buffer[] = []
  let held = 0
  /** Length of the message that the parts begin with, its header included; 0 while the header is incomplete. */
  let wanted = 0
  let answer = 0
  const check = messageChecker()
  return (chunk) => {
    answer += chunk.length
    if (answer > most) throw new ProtocolError(`sent a response of more than ${most} bytes`)
    parts.push(chunk)
    held += chunk.length
    // Joined once when the message is complete: joining at every chunk takes quadratic time.
    if (held < wanted) return EMPTY
    const all = parts.length === 1 ? chunk : Buffer.concat(parts)
    let at = 0
    wanted = 0
    while (at < all.length) {
      const type = all.readUInt8(at)
      if (!TYPES.has(type)) throw new ProtocolError('sent an unknown message type')
      if (all.length - at < HEADER) break
      const length = 1 + all.readUInt32BE(at + 1)
      if (length < HEADER) throw new ProtocolError('sent a message without a length')
      if (length > most) throw new ProtocolError(`announced a message of ${length} bytes`)
      if (all.length - at < length) {
        wanted = length
        break
      }
      check(type, all.subarray(at + HEADER, at + length))
      if (type === READY) answer = all.length - at - length
      at += length
    }
    const rest = all.subarray(at)
    parts = rest.length === 0 ? [] : [rest]
    held = rest.length
    return all.subarray(0, at)
  }
}

const EMPTY = Buffer.alloc(0)
const READY = 'Z'.charCodeAt(0)
const ERROR = 'E'.charCodeAt(0)
const NOTICE = 'N'.charCodeAt(0)
const ROW = 'D'.charCodeAt(0)
/** Every message a server sends (Postgres manual, "Message Formats"). */
const TYPES = new Set([...'RKSAZENCDTt123nsIGHWcdVv'].map((letter) => letter.charCodeAt(0)))

const COLUMNS = 'T'.charCodeAt(0)

/** What the driver's parser would read beyond the end of its message, never stop reading, or not know what to do with. */
function messageChecker(): (type: number, body: Buffer) => void {
  /** Of the rows that follow; null where none were announced. */
  let columns: number | null = null
  let rows = 0
  return (type, body) => {
    switch (type) {
      case ERROR:
      case NOTICE:
        if (!endsFields(body)) throw new ProtocolError('sent a truncated error message')
        return
      case COLUMNS:
        if (body.length < 2) throw new ProtocolError('sent a truncated column description')
        columns = body.readInt16BE(0)
        return
      case ROW:
        if (!isRow(body, columns)) throw new ProtocolError('sent a row that does not fit its length or its columns')
        if (++rows > MOST_ROWS) throw new ProtocolError(`sent a response of more than ${MOST_ROWS} rows`)
        return
      case READY:
        columns = null
        rows = 0
    }
  }
}

/** Fields of one letter and one zero-terminated text each, then a zero. */
function endsFields(body: Buffer): boolean {
  for (let at = 0; at < body.length; ) {
    if (body[at] === 0) return true
    const end = body.indexOf(0, at + 1)
    if (end === -1) return false
    at = end + 1
  }
  return false
}

function isRow(body: Buffer, columns: number | null): boolean {
  if (body.length < 2 || body.readInt16BE(0) !== columns) return false
  const fields = body.readInt16BE(0)
  let at = 2
  for (let field = 0; field < fields; field++) {
    if (at + 4 > body.length) return false
    const length = body.readInt32BE(at)
    if (length < -1) return false
    at += 4 + Math.max(0, length)
  }
  return fields >= 0 && at === body.length
}
