// A system whose errors and texts for people hold no secret: masked where they come in, so that nothing behind can leak one.
import { FailureError, maskFailure } from '../contract/failure.ts'
import type { KnownSecrets } from '../contract/secrets/known-text.ts'
import { maskKnown } from '../contract/secrets/mask-text.ts'
import { secretsIn } from '../contract/secrets/mask-value.ts'
import { envSecrets } from '../core/env-secrets.ts'
import type { EnvFile, Stack } from '../core/ports/stack.ts'
import type { System } from '../core/ports/system.ts'
import type { SecretsMet } from './known-secrets.ts'

/**
 * Which fields of an answer are text that another program wrote, by method. Rows for writes and undo (`rows`, `restore`),
 * raw messages and the .env itself pass as they are.
 */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  page: ['error', 'message', 'traceback'],
  detail: ['error', 'value'],
  attempts: ['error'],
  resultsOf: ['message', 'traceback'],
  messages: ['args'],
  messagesOf: ['args'],
  tasks: ['args'],
  workers: ['because'],
  logs: ['text'],
  recreate: ['because', 'log', 'notes'],
  read: ['because', 'detail', 'message', 'error'],
}

export function maskedSystem(system: System, met: SecretsMet): System {
  const { jobs, broker, stack, env, api, dependencies, recovery } = system
  const safe = <Port extends object | null>(port: Port): Port => (port === null ? port : guarded(port, met.known))
  return {
    ...system,
    jobs: safe(jobs),
    broker:
      broker === null
        ? null
        : {
            ...safe(broker),
            ...{ queues: safe(broker.queues), quarantine: safe(broker.quarantine) },
            ...{ control: safe(broker.control), results: safe(broker.results) },
          },
    stack: stack === null ? null : safe(learningStack(stack, env, met)),
    env: env === null ? null : guarded(learningEnv(env, met), met.known, false),
    api: safe(api),
    dependencies: safe(dependencies),
    recovery: safe(recovery),
    close: () => system.close(),
  }
}

function learningEnv(env: EnvFile, met: SecretsMet): EnvFile {
  return replaced(env, {
    async read(signal) {
      const read = await env.read(signal)
      met.learn(envSecrets(read.text))
      return read
    },
    replace(text, ...rest) {
      met.learn(envSecrets(text))
      return env.replace(text, ...rest)
    },
  })
}

/** Before the first line of a log is read, the secrets it may hold are. */
function learningStack(stack: Stack, env: EnvFile | null, met: SecretsMet): Stack {
  let first: Promise<unknown> | null = null
  const environments: Stack['environments'] = async (signal) => {
    const read = await stack.environments(signal)
    met.learn(secretsIn(read.flatMap(({ values }) => Object.entries(values))))
    return read
  }
  const learn = (signal: AbortSignal) =>
    Promise.allSettled([environments(signal), env?.read(signal).then(({ text }) => met.learn(envSecrets(text)))])
  return replaced(stack, {
    environments,
    async logs(query, signal) {
      first ??= learn(signal)
      await first
      return stack.logs(query, signal)
    },
  })
}

function replaced<Port extends object>(port: Port, own: Partial<Port>): Port {
  return new Proxy(port, {
    get: (target, name) => Reflect.get(Object.hasOwn(own, name) ? own : target, name),
  })
}

/** Every method of a port with its errors masked, and its answers where `answers` is not false. */
function guarded<Port extends object>(port: Port, known: () => KnownSecrets, answers = true): Port {
  const failed = (error: unknown): never => {
    throw maskedError(error, known())
  }
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      const texts = answers && typeof name === 'string' && Object.hasOwn(TEXTS, name) ? TEXTS[name] : undefined
      const clean = (answer: unknown) => (texts === undefined ? answer : maskFields(answer, texts, known()))
      return (...given: unknown[]) => {
        let answer: unknown
        try {
          answer = Reflect.apply(member, target, given)
        } catch (error) {
          return failed(error)
        }
        return answer instanceof Promise ? answer.then(clean, failed) : answer
      }
    },
  })
}

/** The same error where there is nothing to mask. */
function maskedError(error: unknown, known: KnownSecrets): unknown {
  if (!(error instanceof FailureError)) return error
  const shown = maskFailure(error.failure, known)
  const { tried, on, because, remedy } = error.failure
  const same = shown.tried === tried && shown.on === on && shown.because === because && shown.remedy === remedy
  return same ? error : new FailureError(shown, { cause: error })
}

/** The answer with the named fields masked; what holds nothing secret stays the same object. */
export function maskFields(value: unknown, fields: readonly string[], known: KnownSecrets): unknown {
  if (Array.isArray(value)) {
    const all = value.map((one) => maskFields(one, fields, known))
    return all.some((one, n) => one !== value[n]) ? all : value
  }
  if (typeof value !== 'object' || value === null) return value
  const changed = Object.entries(value).flatMap(([name, one]) => {
    const next = fields.includes(name) ? maskStrings(one, known) : maskFields(one, fields, known)
    return next === one ? [] : [[name, next] as const]
  })
  return changed.length === 0 ? value : { ...value, ...Object.fromEntries(changed) }
}

function maskStrings(value: unknown, known: KnownSecrets): unknown {
  if (typeof value === 'string') return maskKnown(value, known)
  if (!Array.isArray(value)) return value
  const all = value.map((one) => maskStrings(one, known))
  return all.some((one, n) => one !== value[n]) ? all : value
}
