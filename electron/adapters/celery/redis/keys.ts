// Names of Celery's keys and channels in a broker database (kombu's Redis transport), and of Unjam's own beside them.

/** What kombu puts between the parts of a name. */
export const SEPARATOR = '\x06\x16'
/** kombu's default `priority_steps`: a message goes to the largest step that is not above its priority; 0 runs first. */
export const STEPS = [0, 3, 6, 9] as const
export type Step = (typeof STEPS)[number]

export function stepOf(priority: number): Step {
  return STEPS.findLast((step) => step <= priority) ?? 0
}

export interface Keys {
  readonly prefix: string
  /** The list of one queue; priorities above 0 have lists of their own. */
  queue(name: string, step?: number): string
  /** All lists of a queue, next to run first. */
  steps(name: string): readonly { step: Step; key: string }[]
  /** Which queue and step a list belongs to; null for a list that is no queue (replies, Unjam's own). */
  parse(key: string): { queue: string; step: number } | null
  /** Delivery tag → `[message, exchange, routing_key]` of what workers took; one hash for all queues. */
  readonly unacked: string
  readonly unackedIndex: string
  binding(exchange: string): string
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
  const queue = (name: string, step = 0) => `${prefix}${name}${step === 0 ? '' : `${SEPARATOR}${step}`}`
  return {
    prefix,
    queue,
    steps: (name) => STEPS.map((step) => ({ step, key: queue(name, step) })),
    parse(key) {
      if (!key.startsWith(prefix)) return null
      const [name = '', step = '0', ...more] = key.slice(prefix.length).split(SEPARATOR)
      if (name === '' || more.length > 0 || !/^\d$/.test(step)) return null
      return name.startsWith(OWN) || NOT_A_QUEUE.test(name) ? null : { queue: name, step: Number(step) }
    },
    unacked: `${prefix}unacked`,
    unackedIndex: `${prefix}unacked_index`,
    binding: (exchange) => `${prefix}_kombu.binding.${exchange}`,
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

/** Names of queues in the members of bindings: `routing_key, pattern, queue`. */
export function queueOfBinding(member: string): string | null {
  const name = member.split(SEPARATOR)[2]
  return name === undefined || name === '' || NOT_A_QUEUE.test(name) ? null : name
}

/** Text that SCAN MATCH and PSUBSCRIBE take literally. */
export function globEscaped(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&')
}
