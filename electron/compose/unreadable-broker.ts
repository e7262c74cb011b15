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

/** Any port whose every method rejects with this failure; `learn` alone answers nobody, so it does nothing. */
function refusing<T extends object>(failure: FailureError): T {
  const refuse = async (): Promise<never> => {
    throw failure
  }
  return new Proxy({} as T, { get: (_port, name) => (name === 'learn' ? () => undefined : refuse) })
}
