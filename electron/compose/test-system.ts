// Tries every part of a draft system for real, all at once, each with its own deadline and its own sentence.
import { openPool, type Pool } from '../../worker/store/pool.ts'
import { probeBroker, probeResults } from '../adapters/celery/probe.ts'
import { probeRuns } from '../adapters/crawl/probe-runs.ts'
import { probeDatabase, probeTable } from '../adapters/postgres/probe.ts'
import { queueApi } from '../adapters/queue-api.ts'
import type { PartCheck, PartName } from '../contract/connecting.ts'
import { FailureError, sentence, toFailure } from '../contract/failure.ts'
import { encodeUserinfo } from '../contract/secrets/encode-userinfo.ts'
import { maskUrl } from '../contract/secrets/url-display.ts'
import type { SystemSettings } from '../contract/settings.ts'
import { qcAccepts, qcAnswers } from './test-qc.ts'

export type Told = Pick<PartCheck, 'state' | 'sentence'>
type Stack = NonNullable<Extract<SystemSettings, { kind: 'recordings' }>['stack']>

/** What only other adapters can try. Each throws a FailureError, or says what it found. */
export interface Probes {
  stack(stack: Stack, signal: AbortSignal): Promise<Told>
  envFile(path: string, signal: AbortSignal): Promise<Told>
}

const DEADLINE_MS = 8000

/** `resolve` turns a reference into the secret it means. */
export async function testSystem(
  draft: SystemSettings,
  resolve: (value: string) => string,
  probes: Probes,
  signal: AbortSignal,
): Promise<PartCheck[]> {
  switch (draft.kind) {
    case 'local':
      return [
        { part: 'database', state: 'ok', sentence: 'Unjam brings its own database; there is nothing to connect.' },
      ]
    case 'qc': {
      const { url, token } = draft
      const tryPart = (part: PartName, work: typeof qcAnswers) =>
        check(part, async (within) => work(resolve(url), resolve(token), within), signal)
      return Promise.all([tryPart('api', qcAnswers), tryPart('token', qcAccepts)])
    }
    case 'crawl':
    case 'recordings':
      return testStack(draft, resolve, probes, signal)
  }
}

async function testStack(
  draft: Extract<SystemSettings, { kind: 'recordings' | 'crawl' }>,
  resolve: (value: string) => string,
  probes: Probes,
  signal: AbortSignal,
): Promise<PartCheck[]> {
  const { broker, results, celery, stack } = draft
  const { api, envFile, table } =
    draft.kind === 'recordings' ? draft : { api: undefined, envFile: undefined, table: undefined }
  let pool: Pool | null = null
  const open = () => (pool ??= openPool(encodeUserinfo(resolve(draft.database)), 2, () => undefined))
  const tryPart = (part: PartName, work: ((within: AbortSignal) => Promise<Told>) | null) => check(part, work, signal)
  const brokerUrl = () => resolve(broker ?? '')
  try {
    return await Promise.all([
      tryPart('database', async () => probeDatabase(open(), maskUrl(draft.database))),
      ...(table === undefined ? [] : [tryPart('table', async () => probeTable(open(), table))]),
      ...(draft.kind === 'crawl' ? [tryPart('table', async () => probeRuns(open(), draft.tables))] : []),
      tryPart('broker', broker === undefined ? null : async (within) => probeBroker(brokerUrl(), celery, within)),
      tryPart(
        'results',
        broker === undefined && results === undefined
          ? null
          : async (within) => probeResults(results === undefined ? brokerUrl() : resolve(results), celery, within),
      ),
      tryPart('api', api === undefined ? null : async (within) => apiTold(resolve(api), within)),
      tryPart('stack', stack === undefined ? null : (within) => probes.stack(stack, within)),
      tryPart('envFile', envFile === undefined ? null : (within) => probes.envFile(envFile, within)),
    ])
  } finally {
    void (pool as Pool | null)?.close().catch(() => undefined)
  }
}

async function apiTold(url: string, signal: AbortSignal): Promise<Told> {
  const { queued, running, done, failed } = await queueApi({ url }).status(signal)
  const numbers = Object.entries({ queued, running, done, failed }).map(([name, n]) => `${n ?? 'unknown'} ${name}`)
  return { state: 'ok', sentence: `It answers: ${numbers.join(', ')}.` }
}

/** Never rejects: what a part does not answer is its sentence. */
async function check(
  part: PartName,
  work: ((within: AbortSignal) => Promise<Told>) | null,
  signal: AbortSignal,
): Promise<PartCheck> {
  if (work === null) return { part, state: 'absent', sentence: 'Not configured.' }
  const within = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)])
  const { promise: late, reject } = Promise.withResolvers<never>()
  const stop = () => reject(new FailureError(slow(part)))
  within.addEventListener('abort', stop, { once: true })
  try {
    return { part, ...(await Promise.race([work(within), late])) }
  } catch (error) {
    return { part, state: 'failed', sentence: sentence(toFailure(error, `Try the ${part}`)) }
  } finally {
    within.removeEventListener('abort', stop)
  }
}

function slow(part: PartName) {
  return {
    kind: 'timeout' as const,
    tried: `Try the ${part}`,
    on: '',
    because: `it did not answer within ${DEADLINE_MS / 1000} s`,
    remedy: 'Look at its address, the network and the firewall.',
  }
}
