// The incident report: runbook 0 from its readings, what was done, what is left to do; and that text stays text.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openRecords } from '../../electron/adapters/records-sqlite.ts'
import type { Receipt } from '../../electron/contract/action.ts'
import { BundleQuery, ReportQuery } from '../../electron/contract/bundle.ts'
import type { Finding } from '../../electron/contract/finding.ts'
import { createArchive } from '../../electron/core/archive.ts'
import { plainText } from '../../electron/core/report-markdown.ts'
import { criticalFinding } from '../support/fake-api.ts'
import { manualClock } from '../support/manual-clock.ts'
import { memoryFindings } from '../support/memory-findings.ts'
import { recordPast } from '../support/recorded-past.ts'
import { ago, HOUR, known, MINUTE, NOW, runningJob, snapshot, system } from '../support/snapshot-builders.ts'

const signal = new AbortController().signal
const now = Date.parse(NOW)
const finding = criticalFinding({
  ...{ key: 'k', system: 'calls', severity: 'warning', since: ago(3 * HOUR) },
  headline: 'One 63-minute recording holds the only worker. 20 jobs wait behind it.',
  evidence: [{ label: 'Done', value: '1069, flat for 3 h 00 min', source: 'history', at: NOW }],
  notTheCause: ['0 failed jobs'],
})
const receipt: Receipt = {
  ...{ id: 'r1', action: 'collapse-periodic', system: 'calls', title: 'Quarantined 92 messages', summary: '' },
  ...{ at: ago(10 * MINUTE), actor: 'ops (browser)', count: 92, previewed: 92, left: [], undoable: true },
  ...{ watch: null, undone: null },
}

function archive(findings: Finding[] = [finding], secrets: string[] = []) {
  const log = memoryFindings()
  for (const one of findings)
    log.append([{ at: one.since, key: one.key, change: 'appeared', finding: one, until: null, by: null }])
  const records = openRecords(':memory:')
  recordPast(records, now, 5)
  const running = [runningJob({ title: 'Call recording 5454_210513_095857.m4a' })]
  const shown = snapshot({ systems: [system({ running: known(running) })], findings })
  return createArchive({
    ...{ records, findings: log, clock: manualClock(), version: '0.1.0', secrets: () => secrets },
    core: { read: async () => shown, receipts: () => [receipt, { ...receipt, id: 'of-before', at: ago(90 * HOUR) }] },
    pack: (bundle) => ({ base64: JSON.stringify(bundle), bytes: 1 }),
    open: async () => ({ url: '' }),
  })
}

const report = async (format: 'html' | 'markdown', anonymous = false) =>
  (await archive().report(ReportQuery.parse({ format, anonymous }), signal)).text

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

  it('gives numbers before and after, and what changed between them', async () => {
    const text = await report('markdown')
    expect(text).toContain('| calls | Queued | 4 | 20 | \\+16 |')
    expect(text).toContain('| calls | Messages in celery | 3 | 93 | \\+90 |')
  })

  it('draws finished and waiting, marks the stop, and needs nothing but itself', async () => {
    const text = await report('html')
    expect(text.match(/<svg/g)).toHaveLength(1)
    expect(text).toContain('last finished 5 Feb 2026 16:43 UTC')
    expect(text).not.toMatch(/<script|<link|<img|\bsrc=|url\(|href=/i)
    expect(text).toContain("default-src 'none'")
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
        const own = archive([{ ...finding, headline: text, explanation: text, notTheCause: [text] }])
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
    const own = archive([{ ...finding, headline: 'It said hunter2hunter.' }], ['hunter2hunter'])
    for (const format of ['html', 'markdown'] as const)
      expect((await own.report(ReportQuery.parse({ format }), signal)).text).not.toContain('hunter2hunter')
    expect((await own.bundle(BundleQuery.parse({}), signal)).base64).not.toContain('hunter2hunter')
  })
})
