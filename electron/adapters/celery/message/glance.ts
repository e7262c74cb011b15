// The common message at a glance: Celery's own bytes, counted without making texts and objects of a million of them.
import { isJobTask, type JobPlace } from './job-of.ts'
import { createHasher } from './text-hash.ts'

/** What is counted of a message: names as text, the rest as hashes. */
export interface Glimpse {
  readonly task: string
  readonly origin: string
  readonly fingerprint: number
  /** 0: it names no job. Nothing is special about the message, so this names its work, too. */
  readonly job: number
}

/**
 * Protocol 2 as kombu writes it, with no eta, expiry, group, retry or redelivery: what stands between the fields. Each
 * piece but the first begins with the quote, bracket or comma that ends the field before it.
 */
const PIECES: readonly [text: string, field: string, content: 'plain' | 'any' | 'stamps'][] = [
  ['{"body": "', 'body', 'plain'],
  [
    '", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"lang": "py", "task": "',
    'task',
    'plain',
  ],
  ['", "id": "', 'id', 'plain'],
  [
    '", "shadow": null, "eta": null, "expires": null, "group": null, "group_index": null, "retries": 0, "timelimit": [',
    'timelimit',
    'plain',
  ],
  ['], "root_id": "', 'root', 'plain'],
  ['", "parent_id": ', 'printed', 'any'],
  ['", "origin": "', 'origin', 'plain'],
  ['", "ignore_result": false', 'stamps', 'stamps'],
  ['}, "properties": {"correlation_id": "', 'correlation', 'plain'],
  ['", "reply_to": "', 'reply', 'plain'],
  ['", "delivery_mode": 2, "delivery_info": {"exchange": "', 'exchange', 'plain'],
  ['", "routing_key": "', 'key', 'plain'],
  ['"}, "priority": ', 'priority', 'plain'],
  [', "body_encoding": "base64", "delivery_tag": "', 'tag', 'plain'],
  ['"}}', 'end', 'any'],
]
/** Since Celery 5.4, where nothing is stamped. */
const STAMPS = Buffer.from(', "replaced_task_nesting": 0, "stamped_headers": null, "stamps": {}')
/** The body around one argument; nothing hangs on the message. */
const CALL = Buffer.from('[[')
const CALLED = Buffer.from('], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]')
const LONGEST_BODY = 512

const shape = PIECES.map(([text, , content]) => ({ bytes: Buffer.from(text), content }))
const field = (name: string) => PIECES.findIndex(([, of]) => of === name)
const [BODY, TASK, ID, ORIGIN, TAG] = [field('body'), field('task'), field('id'), field('origin'), field('tag')]

/** Null for every message that is not a common one; otherwise it says what `readMessage` says. */
export function createGlance(place: JobPlace): (raw: Buffer) => Glimpse | null {
  const hash = createHasher()
  const call = Buffer.alloc(LONGEST_BODY)
  const from = new Int32Array(shape.length)
  const to = new Int32Array(shape.length)
  // The same few names in all messages.
  let task = nameOf('', place)
  let origin = nameOf('', place)

  // Loops by index from here on: an iterator for each of a million messages is a hundred megabytes of garbage.
  function fits(raw: Buffer): boolean {
    let at = 0
    for (let i = 0; i < shape.length; i++) {
      const bytes = shape[i]?.bytes ?? CALL
      const found = i > 0 ? raw.indexOf(bytes, at) : startsWith(raw, bytes) ? 0 : -1
      if (found === -1) return false
      if (i > 0) to[i - 1] = found
      at = from[i] = found + bytes.length
    }
    if (at !== raw.length) return false
    for (let i = 0; i < shape.length; i++)
      if (!contentFits(raw, from[i] ?? 0, to[i] ?? 0, shape[i]?.content ?? 'any')) return false
    return true
  }

  const named = (known: Name, raw: Buffer, i: number): Name => {
    const start = from[i] ?? 0
    const end = to[i] ?? 0
    const same = known.bytes.length === end - start && known.bytes.compare(raw, start, end) === 0
    return same ? known : nameOf(raw.toString('latin1', start, end), place)
  }

  /** 0 when the body is not one plain argument. */
  function jobHash(raw: Buffer): number {
    const start = from[BODY] ?? 0
    const end = to[BODY] ?? 0
    if (place.jobArgument.index !== 0 || (end - start) % 4 !== 0 || end - start > LONGEST_BODY) return 0
    const length = call.write(raw.toString('latin1', start, end), 'base64')
    const last = length - CALLED.length
    if (last <= CALL.length || !startsWith(call, CALL) || CALLED.compare(call, last, length) !== 0) return 0
    const argument = argumentIn(call, CALL.length, last)
    if (argument === null) return 0
    return hash.text(task.text).text('\0').bytes(call, argument.from, argument.to).text('\0').value()
  }

  return (raw) => {
    if (!fits(raw)) return null
    task = named(task, raw, TASK)
    origin = named(origin, raw, ORIGIN)
    const job = task.works ? jobHash(raw) : 0
    if (task.works && job === 0) return null
    const tag = hash.bytes(raw, from[TAG] ?? 0, to[TAG] ?? 0)
    const fingerprint = tag.bytes(raw, from[ID] ?? 0, to[ID] ?? 0).value() >>> 0
    return { task: task.text, origin: origin.text, fingerprint, job }
  }
}

interface Name {
  readonly text: string
  readonly bytes: Buffer
  readonly works: boolean
}
function nameOf(text: string, place: JobPlace): Name {
  return { text, bytes: Buffer.from(text), works: isJobTask(place, text) }
}

function startsWith(raw: Buffer, piece: Buffer): boolean {
  return raw.length >= piece.length && piece.compare(raw, 0, piece.length) === 0
}

function contentFits(raw: Buffer, from: number, to: number, content: 'plain' | 'any' | 'stamps'): boolean {
  if (content === 'any') return true
  if (content === 'plain') return isPlain(raw, from, to)
  return from === to || (to - from === STAMPS.length && STAMPS.compare(raw, from, to) === 0)
}

/** Printable ASCII that needs no escape in JSON. */
function isPlain(raw: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const c = raw[i] ?? 0
    if (c < 0x20 || c > 0x7e || c === 0x22 || c === 0x5c) return false
  }
  return true
}

/** One text or whole number: the range of what names the job. */
function argumentIn(call: Buffer, from: number, to: number): { from: number; to: number } | null {
  if (call[from] === 0x22)
    return to - from > 2 && call[to - 1] === 0x22 && isPlain(call, from + 1, to - 1)
      ? { from: from + 1, to: to - 1 }
      : null
  // As many digits as a double holds; no sign, no zero in front.
  const digits = to - from <= 15 && (call[from] !== 0x30 || to - from === 1)
  for (let i = from; i < to; i++) if ((call[i] ?? 0) < 0x30 || (call[i] ?? 0) > 0x39) return null
  return digits ? { from, to } : null
}
