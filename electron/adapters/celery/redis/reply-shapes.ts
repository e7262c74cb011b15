// What Redis may answer to each command that Unjam sends: a peer that answers otherwise is not a Redis.
import type { ScannedReply } from './reply-scan.ts'

type Fits = (reply: ScannedReply) => boolean

const integer: Fits = ({ kind }) => kind === 'integer'
const status: Fits = ({ kind }) => kind === 'status'
const text: Fits = ({ kind }) => kind === 'string'
const textOrNothing: Fits = ({ kind }) => kind === 'string' || kind === 'null'
const strings: Fits = ({ kind, strings }) => kind === 'array' && strings
const pairs: Fits = (reply) => strings(reply) && reply.elements % 2 === 0
const single: Fits = ({ kind }) => kind !== 'array' && kind !== 'null'
/** A cursor and a list. */
const page: Fits = ({ kind, elements, first: [cursor, found], nestedStrings }) =>
  kind === 'array' && elements === 2 && cursor === 'string' && found === 'array' && nestedStrings
const subscribed: Fits = ({ kind, elements, first: [what, name, count] }) =>
  kind === 'array' && elements === 3 && what === 'string' && name === 'string' && count === 'integer'

const SHAPES: Readonly<Record<string, Fits>> = {
  lrange: strings,
  smembers: strings,
  srandmember: strings,
  time: (reply) => strings(reply) && reply.elements === 2,
  brpop: (reply) => reply.kind === 'null' || (strings(reply) && reply.elements === 2),
  hgetall: pairs,
  scan: page,
  hscan: page,
  sscan: page,
  ...{ llen: integer, hlen: integer, exists: integer, hexists: integer, lpush: integer, lrem: integer },
  ttl: integer,
  ...{ sadd: integer, srem: integer, del: integer, unlink: integer, publish: integer, expire: integer, hset: integer },
  ...{ type: status, select: status, multi: status, ping: status, auth: status },
  set: ({ kind }) => kind === 'status' || kind === 'null',
  ...{ get: textOrNothing, hget: textOrNothing, lindex: textOrNothing },
  info: text,
  client: single,
  psubscribe: subscribed,
  subscribe: subscribed,
  exec: ({ kind }) => kind === 'array' || kind === 'null',
}

/** Errors fit every command; a script's reply is checked by its caller. */
export function fitsCommand(command: string, reply: ScannedReply): boolean {
  return reply.kind === 'error' || (SHAPES[command.toLowerCase()]?.(reply) ?? true)
}

/** What may come without a command on a connection that subscribes: `message, channel, text`, `pmessage, pattern, …`. */
export function isMessage({ kind, elements, first, strings, text }: ScannedReply): boolean {
  const wanted = text === 'message' ? 3 : text === 'pmessage' ? 4 : 0
  return kind === 'array' && elements === wanted && strings && first.length === wanted
}
