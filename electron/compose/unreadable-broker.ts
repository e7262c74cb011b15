// A broker whose address cannot even be made out (a secret that is missing, a URL that is none): every read says so.
import type { FailureError } from '../contract/failure.ts'
import type { CelerySettings } from '../contract/settings.ts'
import type { Broker } from '../core/ports.ts'

export function unreadableBroker(app: CelerySettings, failure: FailureError): Broker {
  const refuse = async (): Promise<never> => {
    throw failure
  }
  return {
    app,
    queues: { queues: refuse, messages: refuse, messagesOf: refuse },
    quarantine: { plan: refuse, move: refuse, restore: refuse, recover: refuse },
    control: {
      workers: refuse,
      tasks: refuse,
      revoke: refuse,
      resize: refuse,
      consume: refuse,
      unhang: refuse,
      hung: refuse,
      waiting: refuse,
      enqueue: refuse,
      withdraw: refuse,
    },
    results: { summary: refuse, page: refuse, resultsOf: refuse, learn: () => undefined },
    onChange: () => () => undefined,
    close: async () => undefined,
  }
}
