// A broker whose address cannot even be made out (a secret that is missing, a URL that is none): every call says so.
import type { FailureError } from '../contract/failure.ts'
import type { CelerySettings } from '../contract/settings.ts'
import type { Broker } from '../core/ports/broker.ts'

export function unreadableBroker(app: CelerySettings, failure: FailureError): Broker {
  return {
    app,
    queues: refusing(failure),
    quarantine: refusing(failure),
    control: refusing(failure),
    results: refusing(failure),
    delivery: async () => {
      throw failure
    },
    onChange: () => () => undefined,
    close: async () => undefined,
  }
}

/** Methods that return immediately: an unhandled rejection would end the process. */
const AT_ONCE: Readonly<Record<string, () => unknown>> = { learn: () => undefined, pending: () => [] }

/** Any port whose every other method rejects with this failure. */
function refusing<T extends object>(failure: FailureError): T {
  const refuse = async (): Promise<never> => {
    throw failure
  }
  return new Proxy({} as T, {
    get: (_port, name) => (typeof name === 'string' && Object.hasOwn(AT_ONCE, name) ? AT_ONCE[name] : refuse),
  })
}
