// A task message as Celery's own producer writes it, byte for byte: protocol 2, Python's JSON, keys in its order.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type Plain, pythonJson, pythonRepr, tupleRepr } from './python-text.ts'

export interface TaskToSend {
  readonly id: string
  readonly name: string
  readonly args: readonly Plain[]
  readonly kwargs?: { readonly [name: string]: Plain }
  readonly queue: string
  readonly priority?: number
  /** Names this very message; default a new one. */
  readonly tag?: string
  /** Where an app would wait for the result; nobody does. Default a new id, as Celery's clients have one each. */
  readonly replyTo?: string
  /** Who sends it (`gen7@beat-1`); default this process. */
  readonly origin?: string
}

const NO_LINKS = { callbacks: null, errbacks: null, chain: null, chord: null }

/** Equal work has equal bytes in its body (protocol reference §2.2), whoever sent it. */
export function buildTask(task: TaskToSend): string {
  const { id, name, args, kwargs = {}, queue, priority = 0 } = task
  return buildMessage([args, kwargs, NO_LINKS], {
    headers: {
      lang: 'py',
      task: name,
      id,
      shadow: null,
      eta: null,
      expires: null,
      group: null,
      group_index: null,
      retries: 0,
      timelimit: [null, null],
      root_id: id,
      parent_id: null,
      argsrepr: tupleRepr(args),
      kwargsrepr: pythonRepr(kwargs),
      origin: task.origin ?? `unjam${process.pid}@${hostname()}`,
      ignore_result: false,
    },
    properties: { correlation_id: id, reply_to: task.replyTo ?? randomUUID() },
    exchange: '',
    routingKey: queue,
    priority,
    tag: task.tag ?? randomUUID(),
  })
}

/** Any kombu message with a JSON body; control commands are built from it too. */
export function buildMessage(
  body: Plain,
  envelope: {
    readonly headers: { readonly [name: string]: Plain }
    readonly properties: { readonly [name: string]: Plain }
    readonly exchange: string
    readonly routingKey: string
    readonly priority: number
    readonly tag: string
  },
): string {
  return pythonJson({
    body: Buffer.from(pythonJson(body)).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: envelope.headers,
    properties: {
      ...envelope.properties,
      delivery_mode: 2,
      delivery_info: { exchange: envelope.exchange, routing_key: envelope.routingKey },
      priority: envelope.priority,
      body_encoding: 'base64',
      delivery_tag: envelope.tag,
    },
  })
}
