// What a QC service can be told to do with its jobs, and a sentence for everything it cannot.
import { FailureError } from '../../contract/failure.ts'
import type { Abilities, Can } from '../../core/ports/jobs.ts'

const no = (because: string): Can => ({ can: false, because })
const stuckOnly = no('The QC service ends jobs only by cancelling all stuck ones.')

export const qcAbilities: Abilities = {
  add: no('QC jobs are added by the program that owns them.'),
  retry: { can: true },
  skip: stuckOnly,
  fail: stuckOnly,
  release: no('The QC service takes stuck jobs back itself; retry the job, or cancel the stuck ones.'),
  cancel: stuckOnly,
  remove: no('QC jobs belong to another program.'),
  'take-over': no("Unjam's own worker transcribes recordings; it does not check quality."),
  finalize: no('QC jobs have no parents.'),
  attempts: no('The QC service tells nothing of attempts.'),
  transcript: no('QC jobs have no transcript.'),
}

/** `unsupported` is read as: this system does not have it. */
export function unsupported(tried: string, on: string, because: string): FailureError {
  return new FailureError({ kind: 'unsupported', tried, on, because, remedy: null })
}
