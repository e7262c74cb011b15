// What this role can do with crawl runs, and a sentence for everything it cannot.
import { FailureError } from '../../contract/failure.ts'
import type { Abilities, Ability, Can } from '../../core/ports/jobs.ts'
import type { Column, Shape } from './shape.ts'

const cannot = (because: string): Can => ({ can: false, because })

export function abilities({ column, full, role, readOnly }: Shape): Abilities {
  const may = (...columns: readonly Column[]): Can => {
    if (readOnly)
      return cannot('This database is a read-only copy; connect Unjam to the primary server to change runs.')
    const closed = columns.filter(({ mayUpdate }) => !mayUpdate).map(({ name }) => name)
    if (closed.length === 0) return { can: true }
    return cannot(
      `The role ${role} may not change ${closed.join(', ')} of ${full}; ask a database administrator for UPDATE on it.`,
    )
  }
  const { status, error, startedAt, completedAt, taskId } = column
  const ending = may(status, error, completedAt)
  return {
    add: cannot(`Runs are added to ${full} by the program that owns it.`),
    retry: may(status, error, startedAt, completedAt, taskId),
    skip: cannot('A run is marked as failed, or its task is revoked; it is not skipped.'),
    fail: ending,
    release: cannot('Runs have no heartbeat that tells a dead one; mark it as failed and retry it.'),
    cancel: cannot('A run is ended by revoking its task.'),
    remove: cannot(`The rows of ${full} belong to another program.`),
    'take-over': cannot("Unjam's own worker transcribes recordings; it does not crawl."),
    finalize: ending,
    attempts: cannot('Crawl runs keep no attempts.'),
    transcript: cannot('Crawl runs have no transcript.'),
  }
}

/** Throws `unsupported` with the ability's own sentence. */
export function needAbility(able: Abilities, ability: Ability, tried: string, on: string): void {
  const answer = able[ability]
  if (!answer.can) throw unsupported(tried, on, answer.because.replace(/\.$/, ''))
}

export function unsupported(tried: string, on: string, because: string): FailureError {
  return new FailureError({ kind: 'unsupported', tried, on, because, remedy: null })
}
