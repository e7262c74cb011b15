// Names of Celery's keys and channels in a broker database (kombu's Redis transport), and of Unjam's own beside them.

/** What kombu puts between the parts of a name, unless the app sets another `sep` (as Celery's own example does). */
const SEPARATOR = '\x06\x16'
/**
 * Every step that an app may have: kombu uses 0, 3, 6 and 9 unless its `priority_steps` say otherwise, and a list that is
 * not looked at would be a queue that is not emptied. 0 runs first.
 */
export const STEPS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const

export interface Keys {
  readonly prefix: string
  /** The list of one queue; priorities above 0 have lists of their own. */
  queue(name: string, step?: number): string
  /** All lists of a queue, next to run first. */
  steps(name: string): readonly { step: number; key: string }[]
  /** Which queue and step a list belongs to; null for a list that is no queue (replies, Unjam's own). */
  parse(key: string): { queue: string; step: number } | null
  /** Delivery tag → `[message, exchange, routing_key]` of what workers took; one hash for all queues. */
  readonly unacked: string
  readonly unackedIndex: string
  binding(exchange: string): string
  /** A member of a binding. Names in it carry no prefix (protocol reference §1.3). */
  member(routingKey: string, queue: string): string
  readMember(member: string): { routingKey: string; queue: string } | null
  /** Takes the separator from members that the app itself wrote; a member with another one hangs its workers. */
  learn(members: readonly string[]): void
  /** Pattern for SCAN MATCH over all bindings. */
  readonly bindings: string
  /** Pattern for SCAN MATCH over everything of this app. */
  readonly all: string
  /** Channel of control commands; the database's number is part of the name (protocol reference §3.1). */
  readonly pidbox: string
  readonly pidboxBinding: string
  readonly replyBinding: string
  /** The list on which a controller waits for replies; without the prefix it is the routing name in the binding. */
  reply(oid: string): string
  /** Channels of events: this and everything that begins with it. */
  readonly events: string
  /** Set of queues that Unjam paused. */
  readonly paused: string
  /** A key of Unjam's own: never taken for a queue, always under one prefix (for ACLs and clean-up). */
  own(...parts: readonly (string | number)[]): string
}

const OWN = 'unjam:'
/** Lists that are not queues although they lie beside them. */
const NOT_A_QUEUE = /\.pidbox$|^celeryev\.|^_kombu\./

export function createKeys(prefix: string, db: number): Keys {
  let separator = SEPARATOR
  const queue = (name: string, step = 0) => `${prefix}${name}${step === 0 ? '' : `${separator}${step}`}`
  return {
    prefix,
    queue,
    steps: (name) => STEPS.map((step) => ({ step, key: queue(name, step) })),
    parse(key) {
      if (!key.startsWith(prefix)) return null
      const whole = key.slice(prefix.length)
      const at = whole.lastIndexOf(separator)
      const stepped = at > 0 && /^[1-9]$/.test(whole.slice(at + separator.length))
      const name = stepped ? whole.slice(0, at) : whole
      if (name === '' || name.includes(SEPARATOR) || !isQueue(name)) return null
      return { queue: name, step: stepped ? Number(whole.at(-1)) : 0 }
    },
    unacked: `${prefix}unacked`,
    unackedIndex: `${prefix}unacked_index`,
    binding: (exchange) => `${prefix}_kombu.binding.${exchange}`,
    member: (routingKey, name) => [routingKey, '', name].join(separator),
    readMember(member) {
      const [routingKey = '', , name = ''] = member.split(separator)
      return name === '' ? null : { routingKey, queue: name }
    },
    learn(members) {
      separator = members.map(separatorOf).find((one) => one !== null) ?? separator
    },
    bindings: `${globEscaped(prefix)}_kombu.binding.*`,
    all: `${globEscaped(prefix)}*`,
    pidbox: `${prefix}/${db}.celery.pidbox`,
    pidboxBinding: `${prefix}_kombu.binding.celery.pidbox`,
    replyBinding: `${prefix}_kombu.binding.reply.celery.pidbox`,
    reply: (oid) => `${prefix}${oid}.reply.celery.pidbox`,
    events: `${prefix}/${db}.celeryev`,
    paused: `${prefix}${OWN}paused`,
    own: (...parts) => `${prefix}${OWN}${parts.join(':')}`,
  }
}

/** False for lists of replies, of events, and of Unjam's own. */
export function isQueue(name: string): boolean {
  return !name.startsWith(OWN) && !NOT_A_QUEUE.test(name)
}

/**
 * From members whose other parts are known: the pattern is empty, and the routing key is empty (a worker's control
 * queue) or the queue's name (a direct exchange). Null for any other member.
 */
function separatorOf(member: string): string | null {
  if (member.split(SEPARATOR).length === 3) return SEPARATOR
  return /^(.+)\1[^@]+@.+\.celery\.pidbox$/.exec(member)?.[1] ?? /^(.+)([^\w.@-]+)\2\1$/.exec(member)?.[2] ?? null
}

/** Text that SCAN MATCH and PSUBSCRIBE take literally. */
export function globEscaped(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&')
}
