// Which actions a state of jobs asks for, in the order of their buttons, with their keys.
import type { ActionInfo, ActionId as Id } from '../../electron/contract/action.ts'
import type { Job, JobState } from '../../electron/contract/job.ts'

const byState: Readonly<Record<JobState, readonly Id[]>> = {
  queued: ['take-over-job', 'skip-jobs', 'fail-jobs', 'remove-jobs'],
  running: ['finalize-parent', 'take-over-job', 'cancel-job', 'release-jobs', 'fail-jobs'],
  failed: ['retry-jobs', 'skip-jobs', 'remove-jobs'],
  done: ['remove-jobs'],
  skipped: ['retry-jobs', 'remove-jobs'],
}

export const actionKeys: Readonly<Partial<Record<Id, string>>> = {
  'retry-jobs': 'r',
  'skip-jobs': 's',
  'fail-jobs': 'm',
  'release-jobs': 'g',
  'cancel-job': 'x',
  'take-over-job': 'h',
  'remove-jobs': 'Delete',
}

/** Of what the core offers, what makes sense for jobs in this state. */
export function actionsFor(state: JobState, offered: readonly ActionInfo[]): ActionInfo[] {
  // A QC service retries what it has stuck; elsewhere a running job is never retried.
  const stuck = state === 'running' && offered.some(({ id }) => id === 'cancel-stuck')
  const ids: readonly Id[] = stuck ? ['retry-jobs'] : byState[state]
  return ids.flatMap((id) => offered.find((action) => action.id === id && action.target === 'jobs') ?? [])
}

/** Runbook 3, "Revoke the task": of a run that has not ended, whatever its task does by now. */
export function taskOf(
  { state, task }: Job,
  offered: readonly ActionInfo[],
): { title: string; params: Record<string, string> } | null {
  const info = offered.find(({ id, blocked }) => id === 'revoke-task' && blocked === null)
  if (info === undefined || task == null) return null
  if (state === 'running') return { title: 'Terminate its task', params: { by: 'job', terminate: 'true' } }
  return state === 'queued' ? { title: 'Revoke its task', params: { by: 'job' } } : null
}

/** A finding names its action as text; the core refuses what it does not know. */
export function ActionId(text: string): Id {
  return text as Id
}

/** Beside chosen jobs the verb is enough: “Retry” of “Retry jobs”, “Mark as failed” of “Mark runs as failed”. */
export function verbOf({ title }: ActionInfo): string {
  return title.replace(/ (jobs?|runs|parents)\b/, '')
}

export function keyText(key: string): string {
  return key === 'Delete' ? 'Del' : key.length === 1 ? key.toUpperCase() : key
}
