// The one sentence about a database without Unjam's own schema, and the guard in front of reads that need it.
import { FailureError } from '../../contract/failure.ts'
import type { Can } from '../../core/ports/jobs.ts'
import type { Shape } from './shape.ts'

/** Whether schema unjam can be used; else why not and whom to ask. */
export function unjamState({ unjam, role }: Shape): Can {
  switch (unjam) {
    case 'open':
      return { can: true }
    case 'closed':
      return {
        can: false,
        because: `The role ${role} may not use schema unjam; ask a database administrator for USAGE on it and SELECT and UPDATE on its tables.`,
      }
    case 'absent':
      return {
        can: false,
        because:
          'This database has no schema unjam; a worker of Unjam makes it when it starts on this system, or a database administrator with the SQL of `unjam migrate --print`.',
      }
  }
}

/** Throws `unsupported`: what Unjam alone would know is unknown here, not empty. */
export function needUnjam(shape: Shape, tried: string): void {
  const state = unjamState(shape)
  if (state.can) return
  const [because = '', remedy = ''] = state.because.split('; ')
  throw new FailureError({
    kind: 'unsupported',
    tried,
    on: shape.full,
    because: because.charAt(0).toLowerCase() + because.slice(1),
    remedy: remedy.charAt(0).toUpperCase() + remedy.slice(1),
  })
}
