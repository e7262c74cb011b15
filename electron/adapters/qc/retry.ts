// Retries chosen jobs: `retry_specific`, and `/api/qc/reprocess` where the service does not know that order.
import { FailureError, sentence, toFailure } from '../../contract/failure.ts'
import type { JobRow } from '../../core/ports/jobs.ts'
import { NotThere } from '../http-json.ts'
import { count, fieldsOf, pick } from './answer.ts'
import type { QcApi } from './qc-api.ts'

const TRIED = 'Retry QC jobs'

/**
 * One request per job, always with both keys: one wire shape reads `jobId`, the other `jobIds`, and a reprocess without
 * the key it reads would take every failed job.
 */
export async function retryOne(
  api: QcApi,
  { id }: Pick<JobRow, 'id'>,
  signal: AbortSignal,
): Promise<{ id: string; because: string } | null> {
  const which = { jobId: id, jobIds: [id] }
  try {
    const json = await api
      .order('debug', { action: 'retry_specific', ...which }, TRIED, signal)
      .catch((error: unknown) => {
        if (error instanceof NotThere) return api.order('reprocess', which, TRIED, signal)
        throw error
      })
    const fields = fieldsOf(json) ?? {}
    const taken = count(pick(fields, 'retried', 'requeued', 'updated', 'count'))
    return taken === 0 ? { id, because: 'the service retried none: it no longer has it, or it has ended well' } : null
  } catch (error) {
    if (!(error instanceof FailureError) || !onlyThisJob(error)) throw error
    return { id, because: sentence(toFailure(error, TRIED)) }
  }
}

/** What says something about the job; anything else would be the same for the next one. */
function onlyThisJob(error: FailureError): boolean {
  return error instanceof NotThere || error.failure.kind === 'timeout'
}
