// A QC service from its settings: its API with the token, opened on first use.
import { type QcApi, qcApi } from '../adapters/qc/qc-api.ts'
import { qcSystem } from '../adapters/qc/qc-jobs.ts'
import { resolveSecret } from '../adapters/secrets.ts'
import type { SystemSettings } from '../contract/settings.ts'
import type { System } from '../core/ports/system.ts'

export function openQc({ id, url, token, texts }: Extract<SystemSettings, { kind: 'qc' }>, dataDir: string): System {
  let open: QcApi | null = null
  const api = () => {
    const resolve = (reference: string) => resolveSecret(reference, dataDir)
    open ??= qcApi({ url: resolve(url), token: resolve(token) })
    return open
  }
  const { jobs, dependencies, recovery } = qcSystem({ id, texts, api })
  return {
    ...{ id, kind: 'qc', jobs, dependencies, recovery },
    ...{ broker: null, stack: null, env: null, api: null },
    close: () => jobs.close(),
  }
}
