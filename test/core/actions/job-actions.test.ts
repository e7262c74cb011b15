// Each action on jobs: which it takes, which it leaves and why, its literal command, its words.
import { describe, expect, it } from 'vitest'
import { type Acting, act, acting, cast, failureOf, request, signal } from '../../support/acting.ts'
import { MINUTE } from '../../support/snapshot-builders.ts'

type Parts = Parameters<typeof act>[1]
const all = cast.map(({ id }) => id)

/** What each job became, of those that changed. */
function changes(on: Acting): Record<string, string | null> {
  const was = new Map(cast.map(({ id, state }) => [id, state]))
  const now = new Map(on.jobs.jobs().map(({ id, state }) => [id, state]))
  return Object.fromEntries(
    [...was].flatMap(([id, state]) => (now.get(id) === state ? [] : [[id, now.get(id) ?? null]])),
  )
}

describe('takes exactly the jobs it applies to', () => {
  const cases: [string, Parts, Record<string, string | null>][] = [
    ['retry all: the failed ones', { action: 'retry-jobs' }, { failed: 'queued', 'failed-too': 'queued' }],
    [
      'retry chosen: skipped ones too, never done or running ones',
      { action: 'retry-jobs', target: all },
      { failed: 'queued', 'failed-too': 'queued', skipped: 'queued' },
    ],
    [
      'skip all: what waits',
      { action: 'skip-jobs' },
      { waiting: 'skipped', 'waiting-long': 'skipped', 'waiting-unknown': 'skipped' },
    ],
    [
      'skip only recordings known to be longer',
      { action: 'skip-jobs', params: { longerThan: '60' } },
      { 'waiting-long': 'skipped' },
    ],
    [
      'skip of one state',
      { action: 'skip-jobs', params: { state: 'failed' } },
      { failed: 'skipped', 'failed-too': 'skipped' },
    ],
    ['fail all: what is stuck', { action: 'fail-jobs', params: { reason: 'x' } }, { stuck: 'failed' }],
    [
      'fail chosen: what waits too',
      { action: 'fail-jobs', target: ['waiting', 'running', 'done'] },
      { waiting: 'failed' },
    ],
    ['release all: what is stuck', { action: 'release-jobs' }, { stuck: 'queued' }],
    ['release never a job with a fresh heartbeat', { action: 'release-jobs', target: all }, { stuck: 'queued' }],
    ['cancel a waiting job', { action: 'cancel-job', target: ['waiting', 'done'] }, { waiting: 'skipped' }],
    ['remove chosen', { action: 'remove-jobs', target: ['done', 'failed'] }, { done: null, failed: null }],
    [
      'remove all: nothing that runs',
      { action: 'remove-jobs', params: { state: 'failed' } },
      { failed: null, 'failed-too': null },
    ],
  ]
  it.each(cases)('%s', async (_name, part, expected) => {
    const on = acting(cast)
    const { preview, receipt } = await act(on, part)
    expect(changes(on)).toEqual(expected)
    expect(receipt.count).toBe(Object.keys(expected).length)
    expect(preview.confirm).toContain(String(preview.count))
    expect(`${preview.summary} ${preview.undo} ${receipt.summary}`).not.toMatch(/!|please|undefined|null/i)
  })
})

describe('refuses with a sentence', () => {
  it.each([
    [
      { action: 'retry-jobs', target: ['waiting'] },
      'refused',
      'no job has failed; not touched: 1 job that is queued now',
    ],
    [
      { action: 'retry-jobs', target: ['gone'] },
      'refused',
      'no job has failed; not touched: 1 chosen job that no longer exists',
    ],
    [
      { action: 'release-jobs', target: ['running'] },
      'refused',
      'no running job is without a heartbeat for more than 15 min; not touched: 1 job that is running with a heartbeat younger than 15 min',
    ],
    [
      { action: 'skip-jobs', params: { longerThan: 'abc' } },
      'invalid',
      'longerThan=abc is not a number of minutes above 0',
    ],
    [
      { action: 'skip-jobs', params: { longerThan: '-1' } },
      'invalid',
      'longerThan=-1 is not a number of minutes above 0',
    ],
    [
      { action: 'skip-jobs', params: { longerthan: '60' } },
      'invalid',
      'it knows no parameter longerthan, only longerThan, reason, state',
    ],
    [{ action: 'retry-jobs', params: { state: 'done' } }, 'invalid', 'state=done is not one of failed, skipped'],
    [
      { action: 'cancel-job', target: ['done'] },
      'refused',
      'no such job runs or waits; not touched: 1 job that is done now',
    ],
  ] as [Parts, string, string][])('%o', async (part, kind, because) => {
    expect(await failureOf(acting(cast).actions.preview(request(part), signal))).toMatchObject({ kind, because })
  })

  it('more jobs than one decision can hold', async () => {
    const on = acting(Array.from({ length: 50_001 }, (_, i) => ({ id: `${i}`, title: '', state: 'failed' as const })))
    expect(await failureOf(on.actions.preview(request({ action: 'retry-jobs' }), signal))).toMatchObject({
      because: 'more than 50,000 jobs are meant',
      remedy: 'Choose fewer at a time.',
    })
  })
})

it('removes no more than undo can keep', async () => {
  const on = acting(
    Array.from({ length: 301 }, (_, i) => ({ id: `${i}`, title: '', state: 'done' as const, audioMs: 60 * MINUTE })),
  )
  expect((await failureOf(on.actions.preview(request({ action: 'remove-jobs' }), signal))).because).toBe(
    '301 h of transcripts would have to be kept for undo, and 300 h is the most',
  )
})

describe('shows the literal command', () => {
  it('of runbook 1 for a retry', async () => {
    const ids = [
      'c85b90e2-c37c-4267-944d-f4559a326e29',
      'ab167b5a-39b5-4608-bb90-c409c36b142b',
      '4fc36bcc-db3b-4c1c-b125-847075e7e86a',
      'b52da034-03ee-4563-a495-5564da9ce738',
    ]
    const on = acting(
      ids.map((id) => ({ id, title: id, state: 'failed', retryCount: 3, error: 'Max retries exceeded' })),
    )
    const { command } = await on.actions.preview(request({ action: 'retry-jobs', target: ids }), signal)
    expect(
      command,
    ).toBe(`UPDATE recordings SET status = 'queued', error_message = NULL, retry_count = 0 WHERE status = 'failed' AND id IN (
  'c85b90e2-c37c-4267-944d-f4559a326e29',
  'ab167b5a-39b5-4608-bb90-c409c36b142b',
  '4fc36bcc-db3b-4c1c-b125-847075e7e86a',
  'b52da034-03ee-4563-a495-5564da9ce738'
);`)
  })

  it('with quotes doubled, and a long list cut', async () => {
    const on = acting(Array.from({ length: 250 }, (_, i) => ({ id: `it's ${i}`, title: '', state: 'queued' as const })))
    const reason = { reason: "o'clock" }
    const fail = await on.actions.preview(request({ action: 'fail-jobs', target: ["it's 1"], params: reason }), signal)
    expect(fail.command).toContain("error_message = 'Manually marked failed: o''clock'")
    expect(fail.command).toContain("'it''s 1'")
    const skip = await on.actions.preview(request({ action: 'skip-jobs' }), signal)
    expect(skip.command?.split('\n')).toHaveLength(203)
    expect(skip.command).toContain('-- and 50 more')
  })

  it('with the names and words of a table that is not the runbooks’', async () => {
    const table = {
      schema: 'calls',
      table: 'Recording',
      columns: { status: 'state', retryCount: null },
      words: { queued: ['PENDING'], failed: ['ERROR', 'failed'] },
    }
    const on = acting(cast, { table })
    const { command } = await on.actions.preview(request({ action: 'retry-jobs', target: ['failed'] }), signal)
    expect(command).toBe(
      `UPDATE calls."Recording" SET state = 'PENDING', error_message = NULL WHERE state = 'ERROR' AND id IN (\n  'failed'\n);`,
    )
  })

  it('of the others, and none where there is no table', async () => {
    const on = acting(cast)
    const of = async (part: Parts) => (await on.actions.preview(request(part), signal)).command
    expect(await of({ action: 'release-jobs' })).toBe(
      `UPDATE recordings SET status = 'queued' WHERE status = 'processing' AND updated_at < now() - interval '900 seconds' AND id IN (\n  'stuck'\n);`,
    )
    expect(await of({ action: 'remove-jobs', target: ['done'] })).toBe(
      `DELETE FROM recordings WHERE id IN (\n  'done'\n);`,
    )
    expect(await of({ action: 'cancel-job' })).toContain(`UPDATE unjam.lease SET state = 'cancelling'`)
    Object.assign(on.jobs, { table: undefined })
    expect(await of({ action: 'remove-jobs', target: ['done'] })).toBeNull()
  })
})

describe('previews say', () => {
  it('what is not touched, counted by reason', async () => {
    const { notTouched, count, sample } = await acting(cast).actions.preview(
      request({ action: 'skip-jobs', target: all, params: { longerThan: '60' } }),
      signal,
    )
    expect(count).toBe(1)
    expect(sample).toEqual([{ id: 'waiting-long', title: 'waiting-long.m4a', note: '1:03:00 of audio' }])
    expect(notTouched).toEqual(
      expect.arrayContaining([
        '1 job that is not longer than 60 min',
        '4 jobs that are of unknown length',
        '1 job that is done now',
        'The recordings themselves',
      ]),
    )
  })

  it('the reason that will be stored', async () => {
    const on = acting(cast)
    const { preview } = await act(on, { action: 'fail-jobs', params: { reason: 'stuck for >2 hours' } })
    expect(preview.summary).toContain('“Manually marked failed: stuck for >2 hours”')
    expect(on.jobs.jobs().find(({ id }) => id === 'stuck')?.error).toBe('Manually marked failed: stuck for >2 hours')
  })

  it('of removed transcripts that they are kept for undo', async () => {
    const { preview } = await act(acting(cast), { action: 'remove-jobs', target: ['done'] })
    expect(preview).toMatchObject({ risk: 'destructive', undoable: true })
    expect(preview.summary).toContain('1 transcript goes with them. All of it is kept in History for undo.')
  })
})

it('a cancelled job that its worker was still ending is queued again by undo', async () => {
  const lease = {
    state: 'held' as const,
    live: true,
    worker: 'w1',
    audioDoneMs: 52 * MINUTE,
    audioTotalMs: 63 * MINUTE,
    speed: 1,
    etaMs: null,
    chunksDone: 5,
    chunksTotal: 7,
    movedAgoMs: 0,
  }
  const on = acting([{ id: 'long', title: 'long.m4a', state: 'running', heartbeatAgoMs: 1000, lease }])
  const { preview, receipt } = await act(on, { action: 'cancel-job' })
  expect(preview.summary).toBe(
    'The work on long.m4a ends within 2 s, and the job becomes skipped. Chunks that are saved stay.',
  )
  expect(preview.sample[0]?.note).toBe('52:00 transcribed')
  expect(on.jobs.jobs()[0]?.lease?.state).toBe('cancelling')
  expect((await failureOf(on.actions.preview(request({ action: 'cancel-job' }), signal))).because).toContain(
    'being cancelled already',
  )
  await on.actions.undo(receipt.id, { actor: 'admin', via: 'window' })
  expect(on.jobs.jobs()[0]).toMatchObject({ state: 'queued', lease: null })
})
