// The incident report as Markdown: for a ticket, a wiki, a terminal.
import type { Finding } from '../../contract/finding.ts'
import { visibleLine } from '../../contract/visible-text.ts'
import { duration } from '../wording.ts'
import { cell, changeOf, outcomeOf, type Report, utc, valueText } from './report.ts'
import { aboveLimit, longest, type SystemRuns } from './runs.ts'

/** Text of jobs and logs stays text: nothing in it becomes a heading, a link, a table cell or HTML. */
export function plainText(text: string): string {
  return visibleLine(text.replaceAll(/\s*[\r\n\u2028\u2029]+\s*|\t/g, ' '))
    .replaceAll(/[\\`*_{}[\]()<>#|!~$&]/g, '\\$&')
    .replace(/^(\s*)([-+=])/, '$1\\$2')
    .replace(/^(\s*\d+)\./, '$1\\.')
    .replaceAll(/(https?|ftp):\/\//gi, '$1:\u200b//')
}

export function reportMarkdown(report: Report): string {
  const { timeline, numbers, actions, unread, checklist, edges } = report
  const blocks = [
    `# Incident report: ${plainText(report.title)}`,
    plainText(report.summary),
    `From ${utc(report.from)} to ${utc(report.to)}. Made on ${utc(report.made)} by Unjam ${plainText(report.by)}.`,
    '## Verdicts',
    ...(report.verdicts.length === 0 ? ['No finding stood at the end.'] : report.verdicts.map(verdict)),
    '## Timeline',
    timeline.length === 0
      ? 'Nothing appeared, cleared or was done in this time.'
      : table(
          ['When', 'System', 'What'],
          timeline.map(({ at, system, what }) => [utc(at), system, what]),
        ),
    ...runsTold(report.runs),
    '## Before and after',
    numbers.length === 0
      ? 'No readings were recorded in this time.'
      : table(
          ['System', 'Number', heading('Before', edges.before), heading('After', edges.after), 'Change'],
          numbers.map((row) => [row.system, row.label, cell(row.before), cell(row.after), changeOf(row)]),
        ),
    '## Actions taken',
    actions.length === 0
      ? 'Nothing was changed through Unjam.'
      : table(
          ['When', 'Who', 'System', 'What', 'Outcome', 'Receipt'],
          actions.map((one) => [utc(one.at), one.actor, one.system, one.title, outcomeOf(one), one.id]),
        ),
    ...(unread.length === 0 ? [] : ['## Could not be read', list(unread)]),
    '## Afterwards',
    checklist.map((item) => `- [ ] ${item}`).join('\n'),
  ]
  return `${blocks.join('\n\n')}\n`
}

function heading(word: string, at: string | null): string {
  return at === null ? word : `${word}, ${utc(at)}`
}

/** What the pictures of the printable report show, in words. */
function runsTold(runs: readonly SystemRuns[]): string[] {
  const rows = longest(runs)
  const above = runs.flatMap((one) => aboveLimit(one).map((point) => ({ ...point, limitMs: one.limitMs ?? 0 })))
  return [
    ...(rows.length === 0
      ? []
      : [
          '## Longest attempts',
          table(
            ['System', 'Job', 'Worker', 'Began', 'Took', 'Audio', 'Ended'],
            rows.map(({ system, bar, tookMs }) => [
              ...[system, bar.title, bar.worker, utc(bar.startedAt), duration(tookMs)],
              bar.audioMs === null ? 'unknown' : duration(bar.audioMs),
              bar.endedAt === null ? 'still running' : bar.outcome,
            ]),
          ),
        ]),
    ...(above.length === 0
      ? []
      : [
          '## Above the time limit',
          list(
            above.map(
              ({ title, state, wallMs, limitMs }) =>
                `${title} ${state === 'done' ? 'took' : 'needs about'} ${duration(wallMs)}; the limit is ${duration(limitMs)}.`,
            ),
          ),
        ]),
  ]
}

function verdict(finding: Finding): string {
  const { severity, headline, explanation, system, since, evidence, notTheCause } = finding
  return [
    `### ${severity}: ${plainText(headline)}`,
    `${plainText(explanation)} System ${plainText(system)}, since ${utc(since)}.`,
    table(
      ['Evidence', 'Value', 'Source', 'Read'],
      evidence.map((one) => [one.label, valueText(one), one.source, utc(one.at)]),
    ),
    ...(notTheCause.length === 0 ? [] : ['Not the cause:', list(notTheCause)]),
  ].join('\n\n')
}

function list(sentences: readonly string[]): string {
  return sentences.map((one) => `- ${plainText(one)}`).join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plainText).join(' | ')} |`
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n')
}
