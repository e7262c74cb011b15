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
  /** The parts of a binding's member. Names in it carry no prefix (protocol reference §1.3). */
  readMember(member: string): { routingKey: string; queue: string } | null
  /** Takes the separator from binding members that the app wrote. Those of running workers outrank those of queues. */
  learn(members: readonly string[]): void
  /** False while the separator is kombu's default for want of anything to learn from. */
  learned(): boolean
  /** Pattern for SCAN MATCH over all bindings. */
  readonly bindings: string
  /** Pattern for SCAN MATCH over everything of this app. */
  readonly all: string
  /** Channel of control commands; the database's number is part of the name (protocol reference §3.1). */
  readonly pidbox: string
  readonly pidboxBinding: string
  /** Only read and cleaned up: Unjam receives replies without a member of its own (see `replyAddress`). */
  readonly replyBinding: string
  /** The list that workers push replies to when a request names `replyAddress(oid)`. */
  reply(oid: string): string
  /** Pattern for SCAN MATCH over the reply lists of every Unjam. */
  readonly replies: string
  /** Channels of events: this and everything that begins with it. */
  readonly events: string
  /** Set of queues that Unjam paused. */
  readonly paused: string
  /** A key of Unjam's own: never taken for a queue, always under one prefix (for ACLs and clean-up). */
  own(...parts: readonly (string | number)[]): string
}

const OWN = 'unjam:'
const CONTROL_QUEUE = '.celery.pidbox'
/** Lists that are not queues although they lie beside them. */
const NOT_A_QUEUE = /\.pidbox$|^celeryev\.|^_kombu\./

export function createKeys(prefix: string, db: number): Keys {
  let separator = SEPARATOR
  let from: 'nothing' | 'queues' | 'workers' = 'nothing'
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
    readMember(member) {
      const [routingKey = '', , name = ''] = member.split(separator)
      return name === '' ? null : { routingKey, queue: name }
    },
    learn(members) {
      const workers = members.filter((member) => member.endsWith(CONTROL_QUEUE))
      // Queue bindings outlive a change of the setting; a worker writes its own at every start.
      if (workers.length === 0 && from === 'workers') return
      const found = mostCommon((workers.length > 0 ? workers : members).flatMap((one) => separatorOf(one) ?? []))
      if (found === null) return
      separator = found
      from = workers.length > 0 ? 'workers' : 'queues'
    },
    learned: () => from !== 'nothing',
    bindings: `${globEscaped(prefix)}_kombu.binding.*`,
    all: `${globEscaped(prefix)}*`,
    pidbox: `${prefix}/${db}.celery.pidbox`,
    pidboxBinding: `${prefix}_kombu.binding.celery.pidbox`,
    replyBinding: `${prefix}_kombu.binding.reply.celery.pidbox`,
    reply: (oid) => `${prefix}${replyAddress(oid)}`,
    replies: `${globEscaped(prefix)}${replyAddress(`${CONTROLLER}*`)}`,
    events: `${prefix}/${db}.celeryev`,
    paused: `${prefix}${OWN}paused`,
    own: (...parts) => `${prefix}${OWN}${parts.join(':')}`,
  }
}

/** False for lists of replies, of events, and of Unjam's own. */
export function isQueue(name: string): boolean {
  return !name.startsWith(OWN) && !NOT_A_QUEUE.test(name)
}

/** Opens the name by which an Unjam asks workers; nothing of Celery begins with it. */
export const CONTROLLER = 'unjam-'

/**
 * The reply queue of one controller as workers name it, without the prefix. As the routing key of the default exchange
 * it is a plain list: kombu pushes the reply to it and looks up no binding (`Channel.basic_publish`; measured with kombu 5.0 to 5.7).
 */
export function replyAddress(oid: string): string {
  return `${oid}.reply.celery.pidbox`
}

/** The controller's name in a reply binding that an older Unjam wrote, in whatever separator; null for anybody else's. */
export function formerController(member: string): string | null {
  const oid = /^(unjam-.+).+\1\.reply\.celery\.pidbox$/s.exec(member)?.[1]
  return oid ?? null
}

/**
 * From members whose other parts are known: the pattern is empty, and the routing key is empty (a worker's control
 * queue) or the queue's name (a direct exchange). Null for any other member.
 */
function separatorOf(member: string): string | null {
  if (member.split(SEPARATOR).length === 3) return SEPARATOR
  const found = /^(.+)\1[^@]+@.+\.celery\.pidbox$/s.exec(member)?.[1] ?? /^(.+)(.+)\2\1$/s.exec(member)?.[2] ?? null
  // kombu itself must be able to take the member apart.
  return found !== null && member.split(found).length === 3 ? found : null
}

function mostCommon(values: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null
}

/** Text that SCAN MATCH and PSUBSCRIBE take literally. */
export function globEscaped(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&')
}
