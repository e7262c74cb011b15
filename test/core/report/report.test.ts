// The incident report: runbook 0 from its readings, what was done, what is left to do; and that text stays text.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openRecords } from '../../../electron/adapters/records-sqlite.ts'
import type { Receipt } from '../../../electron/contract/action.ts'
import { BundleQuery, ReportQuery } from '../../../electron/contract/bundle.ts'
import { FailureError } from '../../../electron/contract/failure.ts'
import type { Finding } from '../../../electron/contract/finding.ts'
import type { LimitReport } from '../../../electron/contract/proof.ts'
import type { AttemptBar } from '../../../electron/contract/snapshot.ts'
import { createArchive } from '../../../electron/core/archive.ts'
import { plainText } from '../../../electron/core/report/markdown.ts'
import { limitsOf } from '../../renderer/fixture-proof.ts'
import { criticalFinding } from '../../support/fake-api.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { memoryFindings } from '../../support/memory-findings.ts'
import { recordPast } from '../../support/recorded-past.ts'
import {
  ago,
  failure,
  HOUR,
  known,
  MINUTE,
  NOW,
  runningJob,
  snapshot,
  system,
  worker,
} from '../../support/snapshot-builders.ts'

const signal = new AbortController().signal
const now = Date.parse(NOW)
const finding = criticalFinding({
  ...{ key: 'k', system: 'calls', severity: 'warning', since: ago(3 * HOUR) },
  places: [{ view: 'job', label: 'Look at the job', job: 'e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29' }],
  headline: 'One 63-minute recording holds the only worker. 20 jobs wait behind it.',
  evidence: [{ label: 'Done', value: '1069, flat for 3 h 00 min', source: 'history', at: NOW }],
  notTheCause: ['0 failed jobs'],
})
const receipt: Receipt = {
  ...{ id: 'r1', action: 'collapse-periodic', system: 'calls', title: 'Quarantined 92 messages', summary: '' },
  ...{ at: ago(10 * MINUTE), actor: 'ops (browser)', count: 92, previewed: 92, left: [], undoable: true },
  ...{ watch: null, undone: null },
}

const JOB = 'e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29'
const bar = (part: Partial<AttemptBar>): AttemptBar => ({
  ...{ job: 'j1', title: 'Call recording 5401.m4a', worker: 'w1', audioMs: 4 * MINUTE, outcome: 'done' },
  ...{ startedAt: ago(4 * HOUR), endedAt: ago(3.8 * HOUR) },
  ...part,
})
const attempts = [
  bar({}),
  bar({
    job: 'j2',
    title: 'Call recording 5402.m4a',
    outcome: 'failed',
    startedAt: ago(3.7 * HOUR),
    endedAt: ago(3.2 * HOUR),
  }),
  bar({ job: 'old', title: 'of last week', startedAt: ago(90 * HOUR), endedAt: ago(89 * HOUR) }),
  bar({
    job: JOB,
    title: 'Call recording 5454.m4a',
    audioMs: 63 * MINUTE,
    startedAt: ago(3 * HOUR),
    endedAt: null,
    outcome: 'running',
  }),
]

interface Given {
  readonly findings?: Finding[]
  readonly secrets?: string[]
  readonly bars?: AttemptBar[]
  readonly limits?: (id: string) => Promise<LimitReport>
}

function archive({
  findings = [finding],
  secrets = [],
  bars = attempts,
  limits = async (id) => limitsOf(id),
}: Given = {}) {
  const log = memoryFindings()
  for (const one of findings)
    log.append([{ at: one.since, key: one.key, change: 'appeared', finding: one, until: null, by: null }])
  const records = openRecords(':memory:')
  recordPast(records, now, 5)
  const running = [runningJob({ title: 'Call recording 5454_210513_095857.m4a' })]
  const workers = [worker({ id: 'w1', name: 'celery@calls-1' })]
  const calls = system({ running: known(running), attempts: known(bars), workers: known(workers) })
  const shown = snapshot({ systems: [calls, system({ id: 'crawl', kind: 'crawl' })], findings })
  return createArchive({
    ...{ records, findings: log, clock: manualClock(), version: '0.1.0', secrets: () => secrets },
    core: {
      ...{ read: async () => shown, limits },
      receipts: () => [receipt, { ...receipt, id: 'of-before', at: ago(90 * HOUR) }],
    },
    pack: (bundle) => ({ base64: JSON.stringify(bundle), bytes: 1 }),
    open: async () => ({ url: '' }),
  })
}

const report = async (format: 'html' | 'markdown', anonymous = false) =>
  (await archive().report(ReportQuery.parse({ format, anonymous }), signal)).text

/** The one picture whose description has these words. */
function picture(html: string, words: string): string {
  const found =
    html.match(/<svg[\s\S]*?<\/svg>/g)?.filter((svg) => svg.slice(0, svg.indexOf('>')).includes(words)) ?? []
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}

describe('the report', () => {
  it.each(['html', 'markdown'] as const)(
    'as %s has verdict, evidence, timeline, numbers, actions, checklist',
    async (format) => {
      const text = await report(format)
      for (const part of [
        '20 jobs wait behind it.',
        '1069, flat for 3 h 00 min',
        '0 failed jobs',
        'The last job finished; nothing since.',
        'Quarantined 92 messages',
        'can be undone',
        'Update the runbook with what was learned.',
        'Create a ticket for the permanent fix, if one is needed.',
        'Review error logging for gaps.',
        'Update alerts, if thresholds need adjustment.',
      ])
        expect(text).toContain(part)
      expect(text).not.toContain('of-before')
    },
  )

  it('says a moment that is evidence in its own time zone', async () => {
    const marked = { ...finding, evidence: [{ label: 'Marked', value: ago(HOUR), source: 'database', at: NOW }] }
    for (const format of ['html', 'markdown'] as const) {
      const { text } = await archive({ findings: [marked] }).report(ReportQuery.parse({ format }), signal)
      expect(text).toContain('5 Feb 2026 18:43 UTC')
      expect(text).not.toContain(ago(HOUR))
    }
  })

  it('gives numbers before and after, and what changed between them', async () => {
    const text = await report('markdown')
    expect(text).toContain('| calls | Queued | 4 | 20 | \\+16 |')
    expect(text).toContain('| calls | Messages in celery | 3 | 93 | \\+90 |')
  })

  it('draws finished and waiting, marks the stop, and needs nothing but itself', async () => {
    const text = await report('html')
    expect(text).toContain('last finished 5 Feb 2026 16:43 UTC')
    expect(text).not.toMatch(/<script|<link|<img|\bsrc=|url\(|href=/i)
    expect(text).toContain("default-src 'none'")
  })

  it('draws who worked on what: the 63 minutes that the verdict is about, a failure, and nothing of before', async () => {
    const lanes = picture(await report('html'), 'one bar per attempt')
    expect(lanes).toContain('>celery@calls-1<')
    expect(lanes).toMatch(
      /class="warning"[^>]*><title>Call recording 5454.m4a · 1:03:00 of audio, still running, 3 h 00 min/,
    )
    expect(lanes).toContain('class="failed"')
    expect(lanes).not.toContain('of last week')
  })

  it('draws audio against processing time: the four of runbook 1 sit above the line of their limit', async () => {
    const scatter = picture(await report('html'), 'audio against processing time')
    expect(scatter).toContain('above the limit of 30 min')
    const limitY = Number(scatter.match(/class="limit" d="M60 ([\d.]+)H/)?.[1])
    const failed = [...scatter.matchAll(/class="dot failed" cx="[\d.]+" cy="([\d.]+)"/g)].map(([, y]) => Number(y))
    expect(failed).toHaveLength(4)
    for (const y of failed) expect(y).toBeLessThan(limitY)
  })

  it('draws the heartbeats of now, and none into a report that ends in the past', async () => {
    expect(picture(await report('html'), 'age of the heartbeat')).toContain('40 s ago')
    const past = await archive().report(ReportQuery.parse({ format: 'html', to: ago(HOUR) }), signal)
    expect(past.text).not.toContain('age of the heartbeat')
    expect(past.text).toContain('one bar per attempt')
  })

  it('says in Markdown what the pictures show', async () => {
    const text = await report('markdown')
    expect(text).toContain('| calls | Call recording 5454.m4a | celery@calls\\-1 |'.replace('\\-', '-'))
    expect(text).toContain('## Above the time limit')
    expect(text).not.toContain('of last week')
  })

  it('without lengths has the other pictures, and says why this one is not there', async () => {
    const failed = failure({ because: 'nothing answers at 127.0.0.1:5432' })
    const { text } = await archive({ limits: () => Promise.reject(new FailureError(failed)) }).report(
      ReportQuery.parse({ format: 'html' }),
      signal,
    )
    expect(text).not.toContain('audio against processing time')
    expect(text).toContain('one bar per attempt')
    expect(text).toContain('calls: how long its jobs are could not be read: nothing answers at 127.0.0.1:5432.')
    expect(text).not.toContain('crawl: how long')
  })

  it('without names has none', async () => {
    expect(await report('html', true)).not.toContain('5454')
  })

  it('any text of a job or a log stays text, in both', async () => {
    const nasty = fc.constantFrom(
      '<script>alert(1)</script>',
      '" onload="x',
      "'><img src=x>",
      '|x|\n# y',
      '[a](javascript:x)',
      ']]>',
      '&amp;',
    )
    await fc.assert(
      fc.asyncProperty(nasty, fc.string({ maxLength: 20 }), async (bad, rest) => {
        const text = `${rest}${bad}${rest}`
        const own = archive({
          findings: [{ ...finding, headline: text, explanation: text, notTheCause: [text] }],
          bars: [bar({ title: text, worker: text, outcome: text, endedAt: ago(MINUTE) })],
        })
        const html = (await own.report(ReportQuery.parse({ format: 'html' }), signal)).text
        expect(html.replaceAll(/<style>[\s\S]*?<\/style>/g, '')).not.toMatch(/<script|<img|<a |" onload/i)
        const markdown = (await own.report(ReportQuery.parse({ format: 'markdown' }), signal)).text
        expect(markdown).not.toMatch(/(?<!\\)<|^# y|(?<!\\)\]\(/m)
      }),
      { numRuns: 60 },
    )
    expect(plainText('1. x | y\n# z')).toBe('1\\. x \\| y \\# z')
  })

  it('has no secret, whoever said it', async () => {
    const own = archive({
      findings: [{ ...finding, headline: 'It said hunter2hunter.' }],
      bars: [bar({ title: 'hunter2hunter.m4a' })],
      secrets: ['hunter2hunter'],
    })
    for (const format of ['html', 'markdown'] as const)
      expect((await own.report(ReportQuery.parse({ format }), signal)).text).not.toContain('hunter2hunter')
    expect((await own.bundle(BundleQuery.parse({}), signal)).base64).not.toContain('hunter2hunter')
  })
})
