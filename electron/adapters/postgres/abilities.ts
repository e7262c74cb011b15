// What this role can do with this table, and a sentence for everything it cannot.
import { FailureError } from '../../contract/failure.ts'
import type { SystemKind } from '../../contract/job.ts'
import type { Abilities, Ability, Can } from '../../core/ports/jobs.ts'
import type { Shape } from './shape.ts'
import { unjamState } from './unjam-schema.ts'

const can: Can = { can: true }
const cannot = (because: string): Can => ({ can: false, because })
/** The first reason against it wins. */
const all = (...reasons: readonly Can[]): Can => reasons.find((reason) => !reason.can) ?? can

export function abilities(shape: Shape, kind: SystemKind, canAdd: boolean): Abilities {
  const { t, full, role } = shape
  const writable = shape.readOnly
    ? cannot('This database is a read-only copy; connect Unjam to the primary server to change jobs.')
    : shape.fixed
      ? cannot(`${full} is a view that cannot be written through; name the table behind it in the settings.`)
      : can
  const may = (...columns: readonly (string | null)[]): Can => {
    const closed = columns.flatMap((sql) => shape.column(sql) ?? []).filter(({ mayUpdate }) => !mayUpdate)
    if (closed.length === 0) return writable
    const names = closed.map(({ name }) => name).join(', ')
    return all(
      writable,
      cannot(`The role ${role} may not change ${names} of ${full}; ask a database administrator for UPDATE on it.`),
    )
  }
  const skipWord =
    shape.exact('skipped')?.length === 0
      ? cannot(`The status column of ${full} has no word for skipped; name one in the settings.`)
      : can
  const ending = may(t.status, t.error, t.completedAt, t.heartbeat)
  const unjam = unjamState(shape)
  return {
    add: canAdd
      ? all(writable, shape.mayInsert ? can : cannot(`The role ${role} may not insert into ${full}.`))
      : cannot(`Files are added to ${full} by the program that owns it.`),
    retry: may(t.status, t.error, t.retryCount),
    skip: all(ending, skipWord),
    fail: ending,
    release: may(t.status),
    cancel: all(ending, skipWord, unjam),
    remove:
      kind === 'local'
        ? all(writable, shape.mayDelete ? can : cannot(`The role ${role} may not delete from ${full}.`))
        : cannot(`The rows of ${full} belong to another program; skip a job instead of removing it.`),
    'take-over': all(
      kind === 'local' ? cannot("Unjam's own worker takes the jobs of this system by itself.") : can,
      may(t.status, t.heartbeat, t.startedAt, t.completedAt),
      t.path === null ? cannot(`${full} has no column with the path of a file, which a worker needs.`) : can,
      unjam,
    ),
    finalize: cannot(`The jobs of ${full} have no children.`),
    attempts: unjam,
    transcript: unjam,
  }
}

/** Throws `unsupported` with the ability's own sentence. */
export function needAbility(abilities: Abilities, ability: Ability, tried: string, on: string): void {
  const state = abilities[ability]
  if (!state.can)
    throw new FailureError({
      kind: 'unsupported',
      tried,
      on,
      because: state.because.replace(/\.$/, ''),
      remedy: null,
    })
}
