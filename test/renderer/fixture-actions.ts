// What each system offers in the fixtures, and the previews of it: purge as in the picture, .env as in runbook 1.
import type { ActionId, ActionInfo, ActionRequest, Preview } from '../../electron/contract/action.ts'
import type { Job } from '../../electron/contract/job.ts'
import type { Scenario } from './fixture-time.ts'

const info = (
  id: ActionId,
  title: string,
  target: ActionInfo['target'],
  risk: ActionInfo['risk'],
  blocked: string | null = null,
): ActionInfo => ({ id, title, target, risk, blocked })

const localActions = (scenario: Scenario): ActionInfo[] => {
  const stopped = scenario === 'critical'
  return [
    info('start-worker', 'Start the worker', 'system', 'safe', stopped ? null : 'The worker is running already.'),
    info('pause-worker', 'Pause the worker', 'system', 'disruptive', stopped ? 'The worker is stopped.' : null),
    info('stop-worker', 'Stop the worker', 'system', 'disruptive', stopped ? 'The worker is stopped.' : null),
  ]
}

const brokerActions: readonly ActionInfo[] = [
  info('enqueue-now', 'Enqueue now', 'system', 'safe'),
  info('pause-queue', 'Pause queue', 'queue', 'disruptive'),
  info('resume-queue', 'Resume queue', 'queue', 'safe'),
  info('deduplicate-queue', 'De-duplicate queue', 'queue', 'disruptive'),
  info('collapse-periodic', 'Collapse periodic messages', 'queue', 'disruptive'),
  info('purge-queue', 'Purge queue', 'queue', 'destructive'),
  info('revoke-task', 'Revoke task', 'task', 'disruptive'),
  info('resize-pool', 'Resize pool', 'worker', 'safe'),
  info('unhang-worker', 'Unhang worker', 'worker', 'disruptive'),
]
const stackActions: readonly ActionInfo[] = [
  info('start-service', 'Start service', 'service', 'safe'),
  info('stop-service', 'Stop service', 'service', 'disruptive'),
  info('restart-service', 'Restart service', 'service', 'disruptive'),
  info(
    'scale-service',
    'Scale service',
    'service',
    'disruptive',
    'worker has container_name in the compose file, so it cannot have replicas.',
  ),
  info('set-env', 'Set a variable of .env', 'system', 'disruptive'),
]

export function actionsOf(scenario: Scenario, system: string): ActionInfo[] {
  const remote = system !== 'local' && system !== 'qc'
  const readOnly = system === 'archive' ? 'The Redis user “viewer” may not write.' : null
  return [
    info('retry-jobs', 'Retry', 'jobs', 'safe'),
    info('skip-jobs', 'Skip', 'jobs', 'disruptive'),
    info(
      'release-jobs',
      'Release',
      'jobs',
      'disruptive',
      'The heartbeat is 40 s old; only a job without one for 15 min can be released.',
    ),
    info('cancel-job', 'Cancel', 'jobs', 'disruptive'),
    info('remove-jobs', 'Remove', 'jobs', 'destructive'),
    ...(remote ? brokerActions.map((one) => ({ ...one, blocked: readOnly })) : localActions(scenario)),
    ...(remote ? stackActions : []),
    info('create-stack', 'Create stack', 'system', 'safe'),
  ]
}

const plain = { know: [], table: null, diff: null } as const

export function previewOf(request: ActionRequest, jobs: readonly Job[], scenario: Scenario): Preview {
  if (request.action === 'purge-queue') return purge(request)
  if (request.action === 'set-env') return setEnv(request)
  const found = actionsOf(scenario, request.system).find(({ id }) => id === request.action)
  const onJobs = found === undefined || found.target === 'jobs'
  const count = onJobs ? jobs.length : request.target === 'all' ? 1 : request.target.length
  const act = found?.title ?? request.action
  const named = request.target === 'all' ? '' : `: ${request.target.join(', ')}`
  const title = onJobs ? `${act} ${count} ${count === 1 ? 'job' : 'jobs'}` : `${act}${named}`
  return {
    ...plain,
    know: [],
    action: request.action,
    system: request.system,
    title,
    summary: onJobs
      ? `They go back to the queue with a retry count of 0. A worker takes them in their turn.`
      : 'Running chunks end first; saved chunks are kept.',
    count,
    sample: onJobs ? jobs.slice(0, 5).map(({ id, title: name, state }) => ({ id, title: name, note: state })) : [],
    notTouched: ['Transcripts that are there', 'Every other job', 'The recordings themselves'],
    command: onJobs
      ? `UPDATE "public"."recordings" SET status = 'queued', retry_count = 0, error_message = NULL WHERE id = ANY($1) -- ${count} ids`
      : null,
    risk: found?.risk ?? 'safe',
    undoable: onJobs,
    undo: onJobs
      ? 'Puts every row back exactly as it was, as long as no worker has taken it.'
      : 'Start it again at any time.',
    confirm: title,
    fingerprint: `f-${request.action}-${count}`,
  }
}

const purge = (request: ActionRequest): Preview => ({
  action: request.action,
  system: request.system,
  title: 'Move 93 messages out of queue celery',
  summary:
    'They go to quarantine; nothing is deleted. Beat sends a new enqueuer within 2 min; it runs when a slot is free.',
  count: 93,
  sample: [],
  notTouched: [
    'The running job and its 1 unacknowledged message',
    'The 20 queued rows',
    'Queues default and crawl',
    'Results (they expire in 24 h)',
  ],
  know: ['This does not free the worker, busy until 20:20.'],
  table: {
    columns: ['Task', 'Count', 'Oldest'],
    rows: [
      { cells: ['enqueue_pending_recordings', '90', '16:44'], share: 90 / 93 },
      { cells: ['process_recording', '3', '16:38'], share: 3 / 93 },
    ],
  },
  diff: null,
  command: 'RENAME celery unjam:quarantine:20260205T194308Z:celery',
  risk: 'destructive',
  undoable: true,
  undo: 'Until 6 Feb 19:43: puts back every message once, in order, before those that came since. Works after a restart of Unjam.',
  confirm: 'Quarantine 93 messages',
  fingerprint: 'f-purge',
})

function setEnv(request: ActionRequest): Preview {
  const [key = 'TASK_TIMEOUT_SECONDS', value = 'none'] = Object.entries(request.params)[0] ?? []
  const line = value === 'none' ? `#${key}=1800` : `${key}=${key === '.text' ? '…' : value}`
  return {
    action: request.action,
    system: request.system,
    title: key === '.text' ? 'Write C:\\app\\.env' : `Set ${key} to ${value}`,
    summary: 'The file changes, then worker gets a new container and is asked for the value it sees.',
    count: 1,
    sample: [],
    notTouched: ['postgres, redis, api and beat, which do not use it', 'Every other line of the file, byte for byte'],
    know: [
      'A plain restart would not do: a container keeps the environment it was created with.',
      'The recording that runs now starts again from its beginning.',
    ],
    table: {
      columns: ['Service', 'Now', 'Then'],
      rows: [{ cells: ['worker', '1800', value], share: null }],
    },
    diff: [
      { kind: 'same', text: '# Longest time one attempt may take' },
      { kind: 'removed', text: 'TASK_TIMEOUT_SECONDS=1800' },
      { kind: 'added', text: line },
      { kind: 'same', text: 'TASK_MAX_RETRIES=3' },
    ],
    command: 'docker compose -p app up -d --no-deps --force-recreate worker',
    risk: 'disruptive',
    undoable: true,
    undo: 'Puts back the file as it was and the container with the old value.',
    confirm: 'Write .env and recreate worker',
    fingerprint: `f-env-${value}`,
  }
}
