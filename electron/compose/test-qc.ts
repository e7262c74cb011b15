// Tries a draft of a QC service: whether its address answers, and whether its token is accepted.
import { qcApi } from '../adapters/qc/qc-api.ts'
import type { PartCheck } from '../contract/connecting.ts'

type Told = Pick<PartCheck, 'state' | 'sentence'>

/** The health report needs no token; a service without one may still have jobs to tell of. */
export async function qcAnswers(url: string, token: string, signal: AbortSignal): Promise<Told> {
  const { dependencies } = (await qcApi({ url, token }).health(signal)).value
  const ill = dependencies.filter(({ state }) => state === 'down' || state === 'degraded').map(({ name }) => name)
  return ill.length === 0
    ? { state: 'ok', sentence: `It answers; of ${dependencies.length} dependencies none is ill.` }
    : { state: 'limited', sentence: `It answers; not ok: ${ill.join(', ')}.` }
}

export async function qcAccepts(url: string, token: string, signal: AbortSignal): Promise<Told> {
  const { counts, jobs } = (await qcApi({ url, token }).debug(signal)).value
  const what = counts === null ? `${jobs.length} jobs are listed` : `${counts.running} running, ${counts.queued} queued`
  return { state: 'ok', sentence: `It is accepted: ${what}.` }
}
