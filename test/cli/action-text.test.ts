// A preview in the terminal says what the dialog of the window says: nothing that a person should know is left out.
import { expect, it } from 'vitest'
import { previewText } from '../../electron/cli/action-text.ts'
import { noAttempts } from '../../electron/cli/job.ts'
import type { Preview } from '../../electron/contract/action.ts'

const preview: Preview = {
  action: 'set-env',
  system: 'calls',
  title: 'Set TASK_TIMEOUT_SECONDS to 7200',
  summary: 'C:\\app\\.env is backed up and written in one step. Then worker is recreated.',
  count: 1,
  sample: [{ id: 'TASK_TIMEOUT_SECONDS', title: 'TASK_TIMEOUT_SECONDS', note: '1800 → 7200' }],
  notTouched: ['Service redis'],
  know: ['A restart would not do.', '1 job runs there (Long\u001b[2J.m4a): it is given up.'],
  table: { columns: ['Service', 'Containers'], rows: [{ cells: ['worker', '1'], share: null }] },
  diff: [
    { kind: 'same', text: '# minutes' },
    { kind: 'removed', text: 'TASK_TIMEOUT_SECONDS=1800' },
    { kind: 'added', text: 'TASK_TIMEOUT_SECONDS=7200' },
  ],
  command: 'docker compose up -d worker',
  risk: 'disruptive',
  undoable: true,
  undo: 'Undo puts the old text back.',
  confirm: 'Change 1 value',
  fingerprint: 'f1',
}

it('shows the diff, the table and every sentence to know, and nothing that could redraw the terminal', () => {
  expect(previewText(preview).split('\n\n')).toEqual([
    'Set TASK_TIMEOUT_SECONDS to 7200: 1',
    preview.summary,
    'id                    name\nTASK_TIMEOUT_SECONDS  TASK_TIMEOUT_SECONDS  1800 → 7200',
    'Service  Containers\nworker   1',
    '  # minutes\n- TASK_TIMEOUT_SECONDS=1800\n+ TASK_TIMEOUT_SECONDS=7200',
    'Know this: A restart would not do.\nKnow this: 1 job runs there (Long␛[2J.m4a): it is given up.',
    'Not touched: Service redis',
    '    docker compose up -d worker',
    'Undo puts the old text back.',
    'Nothing was changed. To do it: --yes --fingerprint f1',
  ])
})

it('says that there is no undo, and why; and how many more there are', () => {
  const text = previewText({ ...preview, undoable: false, undo: 'A process that ended cannot be continued.', count: 3 })
  expect(text).toContain('No undo. A process that ended cannot be continued.')
  expect(text).toContain('and 2 more')
})

it('a job that Celery failed four times is not said to have had no attempt', () => {
  expect(noAttempts({ state: 'queued', retryCount: 0 })).toBe('No attempt yet.')
  for (const job of [{ state: 'failed', retryCount: 3 } as const, { state: 'queued', retryCount: 1 } as const])
    expect(noAttempts(job)).toContain('No attempt by a worker of Unjam.')
})
