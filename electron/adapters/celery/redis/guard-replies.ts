// Stands between the socket and ioredis: lets whole replies through that fit their command, ends the connection otherwise.
import type { Socket } from 'node:net'
import type { Redis } from 'ioredis'
import { createReplyScanner, ReplyFault } from './reply-scan.ts'
import { fitsCommand, isMessage } from './reply-shapes.ts'

/** A reply that has begun and takes longer to arrive is not waited for: everything behind it waits as well. */
const SLOWEST_MS = 30_000

/**
 * ioredis trusts its peer. A reply of another type than its command has makes it throw inside a socket event (`:1` to
 * PSUBSCRIBE), which ends the process; elsewhere the wrong type reaches our code as the right one. A peer that breaks
 * the protocol loses its connection, for `onFault` to tell why, and the driver connects again as after any outage.
 */
export function guardReplies(redis: Redis, onFault: (error: Error) => void): void {
  // Emitted at each connection, before the first byte can arrive.
  redis.on('connect', () => guardStream(redis, streamOf(redis), onFault))
}

function guardStream(redis: Redis, stream: Socket, onFault: (error: Error) => void): void {
  const emit = stream.emit.bind(stream)
  const scanner = createReplyScanner()
  const transaction = { open: false }
  let failed = false
  let begunMs = 0

  function fail(error: unknown): void {
    failed = true
    const fault = error instanceof Error ? error : new ReplyFault('unreadable reply', { cause: error })
    onFault(fault)
    stream.destroy(fault)
  }

  function pass(chunk: Buffer): void {
    let at = 0
    for (let found = scanner.next(chunk, at); found !== null; found = scanner.next(chunk, at)) {
      check(redis, found.reply, transaction)
      // One reply at a time: which command the next one answers is known only when this one is taken.
      emit('data', chunk.subarray(at, found.end))
      at = found.end
      begunMs = 0
      if (failed || stream.destroyed) return
    }
    if (at < chunk.length) emit('data', chunk.subarray(at))
    if (!scanner.midway()) return
    if (begunMs === 0) begunMs = performance.now()
    else if (performance.now() - begunMs > SLOWEST_MS) throw new ReplyFault('a reply takes too long to arrive')
  }

  stream.emit = (event: string | symbol, ...values: unknown[]) => {
    const [chunk] = values
    if (event !== 'data' || !Buffer.isBuffer(chunk)) return Reflect.apply(emit, stream, [event, ...values])
    if (failed) return true
    try {
      pass(chunk)
    } catch (error) {
      fail(error)
    }
    return true
  }
}

function check(redis: Redis, reply: Parameters<typeof fitsCommand>[1], transaction: { open: boolean }): void {
  const command = nextCommand(redis)
  if (isMessage(reply) && subscribes(redis)) return
  // "max number of clients reached" and the like come before any command.
  if (command === null && reply.kind === 'error') throw new Error(reply.text)
  if (command === null) throw new ReplyFault('a reply to no command')
  const name = command.toLowerCase()
  const queued = transaction.open && reply.kind === 'status' && reply.text === 'QUEUED'
  if (name === 'multi') transaction.open = reply.kind === 'status'
  else if (name === 'exec') transaction.open = false
  if (queued && name !== 'exec') return
  if (!fitsCommand(name, reply)) throw new ReplyFault(`unexpected reply to ${name.toUpperCase()}`)
}

/** The command whose answer comes next; null when none is under way. ioredis has no public way to ask. */
function nextCommand(redis: Redis): string | null {
  const queue: unknown = Reflect.get(redis, 'commandQueue')
  if (typeof queue !== 'object' || queue === null) throw new Error('ioredis has no command queue')
  const peek: unknown = Reflect.get(queue, 'peekFront')
  const item: unknown = typeof peek === 'function' ? Reflect.apply(peek, queue, []) : undefined
  const command: unknown = typeof item === 'object' && item !== null ? Reflect.get(item, 'command') : undefined
  const name: unknown = typeof command === 'object' && command !== null ? Reflect.get(command, 'name') : undefined
  return typeof name === 'string' ? name : null
}

function subscribes(redis: Redis): boolean {
  const condition: unknown = Reflect.get(redis, 'condition')
  return typeof condition === 'object' && condition !== null && Boolean(Reflect.get(condition, 'subscriber'))
}

function streamOf(redis: Redis): Socket {
  const stream: unknown = Reflect.get(redis, 'stream')
  return stream as Socket
}
