// Runbook 4: stuck after 2 minutes; 5 % database, 15–20 % Drive token, 50–70 % FFmpeg, several at one percent memory.
import { describe, expect, it } from 'vitest'
import { QcTexts } from '../../../electron/contract/qc-texts.ts'
import type { Dependency } from '../../../electron/contract/snapshot.ts'
import type { Facts } from '../../../electron/core/facts.ts'
import { qcStageStuck as rule } from '../../../electron/core/rules/qc-stage-stuck.ts'
import { facts, qcFacts, qcJob, run } from '../../support/facts.ts'
import { ago, known, MINUTE, unknown } from '../../support/snapshot-builders.ts'

const down = (name: string): Dependency[] => [{ name, state: 'down', detail: null }]

describe('stays silent', () => {
  it.each([
    ['nothing runs', qcFacts([])],
    ['progress moved 2 minutes ago', qcFacts([qcJob(17, 2)])],
    ['it is slow and moves, though the service lists it', qcFacts([qcJob(60, 0.5, { stuck: true })])],
    ['nobody knows when it moved, and the service does not list it', qcFacts([qcJob(17, null)])],
    ['the running jobs cannot be read', facts({ kind: 'qc', running: unknown([qcJob(17, 60)]) })],
    ['it is another kind of system', facts({ running: known([qcJob(17, 60)]) })],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

const causes: [string, Facts, string, string, string][] = [
  [
    '5 %',
    qcFacts([qcJob(5, 3)]),
    'database',
    'One QC job stands still at 5 %. Its database does not answer.',
    'retry-jobs',
  ],
  [
    '15 %',
    qcFacts([qcJob(15, 3)]),
    'drive',
    'One QC job stands still at 15 %. Reconnect Google Drive in Settings, then retry.',
    'retry-jobs',
  ],
  [
    '20 %',
    qcFacts([qcJob(20, 3)]),
    'drive',
    'One QC job stands still at 20 %. Reconnect Google Drive in Settings, then retry.',
    'retry-jobs',
  ],
  [
    '50 %',
    qcFacts([qcJob(50, 3)]),
    'ffmpeg',
    'One QC job stands still at 50 %. FFmpeg hangs in the analysis.',
    'trigger-worker',
  ],
  [
    '70 %',
    qcFacts([qcJob(70, 3)]),
    'ffmpeg',
    'One QC job stands still at 70 %. FFmpeg hangs in the analysis.',
    'trigger-worker',
  ],
  [
    'several at 33 %',
    qcFacts([qcJob(33, 3), qcJob(33, 4)]),
    'memory',
    '2 QC jobs stand still at 33 %. The service ran out of memory.',
    'cancel-stuck',
  ],
  [
    'several at 17 %',
    qcFacts([qcJob(17, 3), qcJob(17, 4)]),
    'memory',
    '2 QC jobs stand still at 17 %. The service ran out of memory.',
    'cancel-stuck',
  ],
  [
    'several at 17 %, each with its word',
    qcFacts([
      qcJob(17, 3, { step: 'Google Drive access denied' }),
      qcJob(17, 4, { step: 'Google Drive access denied' }),
    ]),
    'drive',
    '2 QC jobs stand still at 17 %. Reconnect Google Drive in Settings, then retry.',
    'retry-jobs',
  ],
  [
    'several at 17 % without Google',
    qcFacts([qcJob(17, 3), qcJob(17, 4)], { dependencies: known(down('google_oauth')) }),
    'drive',
    '2 QC jobs stand still at 17 %. Reconnect Google Drive in Settings, then retry.',
    'retry-jobs',
  ],
  [
    'two stages of one cause',
    qcFacts([qcJob(55, 3), qcJob(65, 4)]),
    'ffmpeg',
    '2 QC jobs stand still at 55–65 %. FFmpeg hangs in the analysis.',
    'trigger-worker',
  ],
  [
    '35 %',
    qcFacts([qcJob(35, 3)]),
    'other',
    'One QC job stands still at 35 %. The cause is not known.',
    'trigger-worker',
  ],
  [
    'an unknown point',
    qcFacts([qcJob(null, 3)]),
    'other',
    'One QC job stands still. The cause is not known.',
    'trigger-worker',
  ],
  [
    'the service’s own list',
    qcFacts([qcJob(17, null, { stuck: true })]),
    'drive',
    'One QC job stands still at 17 %. Reconnect Google Drive in Settings, then retry.',
    'retry-jobs',
  ],
]

it.each(causes)('at %s', (_name, given, cause, headline, remedy) => {
  const [found, ...more] = run(rule, given)
  expect(more).toEqual([])
  expect(found).toMatchObject({ key: `qc-stage-stuck:qc:${cause}`, severity: 'critical', headline })
  expect(found?.remedies[0]?.action).toBe(remedy)
  expect(found?.explanation).toMatch(/Respond within 15 min; escalate when it lasts 30 min\.$/)
})

it.each([
  ['Google Drive access denied', 'drive'],
  ['OAuth token has been expired or revoked', 'drive'],
  ['invalid_grant', 'drive'],
  ['Unexpected token < in JSON at position 0', 'other'],
  ['max_tokens must be at most 8192', 'other'],
  ['Supabase: access denied for role', 'database'],
  ['JavaScript heap out of memory', 'memory'],
  ['FFmpeg exited with code 1', 'ffmpeg'],
])('the last error “%s” points to %s', (step, cause) => {
  expect(run(rule, qcFacts([qcJob(33, 3, { step })])).map(({ key }) => key)).toEqual([`qc-stage-stuck:qc:${cause}`])
})

it.each([
  [15, 'Respond within 15 min; escalate when it lasts 30 min.'],
  [16, 'It has stood still for over 15 min, the time to respond; escalate at 30 min.'],
  [31, 'It has stood still for over 30 min: escalate.'],
])('after %i minutes its clock says so', (minutes, words) => {
  expect(run(rule, qcFacts([qcJob(17, minutes)]))[0]?.explanation).toContain(words)
})

it('sends everybody who has to escalate to the platforms, the way back and the contacts', () => {
  const [found] = run(rule, qcFacts([qcJob(60, 31)]))
  const all = (found?.hints ?? []).join('\n')
  for (const one of [
    'https://dashboard.render.com',
    '[QCWorker]',
    'redeploy',
    'PagerDuty',
    'https://render-status.com',
    'https://status.supabase.com',
    'https://status.groq.com',
    'git revert HEAD',
    '@alok',
    '#platform-oncall',
    'support@render.com',
    'support@supabase.io',
  ])
    expect(all).toContain(one)
})

it('tells causes apart, each with exactly its jobs', () => {
  const found = run(rule, qcFacts([qcJob(17, 3, {}, 'a'), qcJob(60, 4, {}, 'b'), qcJob(60, 1, {}, 'moves')]))
  expect(found.map(({ key }) => key)).toEqual(['qc-stage-stuck:qc:ffmpeg', 'qc-stage-stuck:qc:drive'])
  expect(found[1]?.remedies[0]?.ids).toEqual(['a'])
})

it('carries hints and contacts of the settings; after 30 minutes whom to page', () => {
  const texts = QcTexts.parse({ drive: ['Ask Ann'], contacts: [] })
  const hints = (minutes: number) => run(rule, qcFacts([qcJob(17, minutes)], {}, { texts }))[0]?.hints
  expect(hints(3)).toEqual(['Ask Ann'])
  expect(hints(31)).toEqual(['Ask Ann', ...texts.escalation])
  expect(run(rule, qcFacts([qcJob(17, 31)]))[0]?.explanation).toContain('It has stood still for over 30 min: escalate.')
  expect(run(rule, qcFacts([qcJob(60, 3)]))[0]?.hints).toContain('Engineering lead: @alok')
})

it('says since when, where, for how long, and what is well', () => {
  const ok: Dependency[] = [{ name: 'groq_api', state: 'ok', detail: null }]
  const [found] = run(
    rule,
    qcFacts([qcJob(17, 6, { step: 'Google Drive access denied' })], { dependencies: known(ok) }),
  )
  expect(found?.since).toBe(ago(4 * MINUTE))
  expect(found?.evidence[0]?.value).toBe('17 %, for 6 min, ep1.mov: Google Drive access denied')
  expect(found?.notTheCause).toContain('groq_api is ok')
})
