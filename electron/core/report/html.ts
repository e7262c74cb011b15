// The incident report as one HTML file: prints well, needs no network, runs no script, escapes everything.
import type { Finding } from '../../contract/finding.ts'
import { heartbeatChart } from './heartbeat-chart.ts'
import { lanesChart } from './lanes-chart.ts'
import { rangeChart } from './range-chart.ts'
import { cell, changeOf, outcomeOf, type Report, utc, valueText } from './report.ts'
import { scatterChart } from './scatter-chart.ts'
import { escapeHtml } from './svg.ts'

const STYLE = `
:root { color-scheme: light dark; --bg: #fff; --ink: #13171d; --ink-2: #434a56; --ink-3: #636c7a; --line: #c6cbd3; --done: #9fb4d6; --failed: #c02c2c; --attention: #b56a00; --critical: #c8232a; --info: #1a5fd0; --unknown: #6a4cb0; --plot: #434a56; --lane: #eceef2; --in: #fff }
@media (prefers-color-scheme: dark) { :root { --bg: #121519; --ink: #eceff3; --ink-2: #b9c0ca; --ink-3: #939ca9; --line: #3b424c; --done: #47618c; --failed: #ff8f86; --attention: #e5a437; --critical: #f4645c; --info: #86b4ff; --unknown: #baa6f5; --plot: #b9c0ca; --lane: #1d2228; --in: #0d1013 } }
@media print { :root { color-scheme: light; --bg: #fff; --ink: #000; --ink-2: #222; --ink-3: #444; --line: #bbb; --done: #9fb4d6; --failed: #c02c2c; --attention: #b56a00; --critical: #c8232a; --info: #1a5fd0; --unknown: #6a4cb0; --plot: #222; --lane: #eee; --in: #fff } section, tr, svg { break-inside: avoid } }
body { margin: 0 auto; padding: 32px 24px; max-width: 960px; background: var(--bg); color: var(--ink); font: 14px/21px "Segoe UI", system-ui, sans-serif; font-variant-numeric: tabular-nums }
h1 { font-size: 26px; line-height: 33px; margin: 0 0 8px; text-wrap: balance } h2 { font-size: 17px; margin: 32px 0 8px; padding-bottom: 6px; border-bottom: 1px solid var(--line) } h3 { font-size: 15px; margin: 20px 0 4px }
p { margin: 4px 0; max-width: 78ch } .meta { color: var(--ink-3) }
table { border-collapse: collapse; width: 100%; margin: 8px 0; font-size: 13px } th { text-align: left; white-space: nowrap; font-weight: 400; color: var(--ink-3) } th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere } .num { text-align: right; white-space: nowrap } .when { white-space: nowrap; color: var(--ink-2) }
.critical { color: var(--critical) } .warning { color: var(--attention) } .info { color: var(--info) } .unknown { color: var(--unknown) } .action { font-weight: 600 } .clear { color: var(--ink-2) }
ul { padding-left: 20px; margin: 4px 0 } .tasks { list-style: none; padding: 0 } .tasks li::before { content: "☐"; margin-right: 8px }
svg { display: block; width: 100%; height: auto; margin: 8px 0 20px } svg text { font: 12px "Segoe UI", system-ui, sans-serif; fill: var(--ink-2) }
svg .done { fill: var(--done) } svg .failed { fill: var(--failed) } svg .critical { fill: var(--critical) } svg .warning { fill: var(--attention) } svg .info { fill: var(--info) } svg .unknown { fill: none; stroke: var(--unknown); stroke-width: 1; stroke-dasharray: 1 3 }
svg .lane { fill: var(--lane) } svg text.on { fill: var(--ink) } svg text.in { fill: var(--in) } svg .grid { stroke: var(--lane) } svg .pace { stroke: var(--plot); stroke-dasharray: 2 4 } svg path.limit { stroke: var(--attention); stroke-width: 1.5 } svg text.limit { fill: var(--attention); font-weight: 600 }
svg .dot { fill: var(--done) } svg .dot.failed, svg .dot.running { fill: var(--bg); stroke: var(--failed); stroke-width: 2 } svg .dot.running { stroke: var(--info) }
svg .queued, svg .messages { fill: none; stroke: var(--plot); stroke-width: 1.75 } svg .messages { stroke: var(--attention); stroke-dasharray: 5 3 } svg .base { stroke: var(--line) } svg .stop { stroke: var(--ink); stroke-dasharray: 3 3 }
`

export function reportHtml(report: Report): string {
  const { timeline, numbers, actions, unread, checklist, edges } = report
  const charts = picturesOf(report)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Incident report: ${escapeHtml(report.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(report.title)}</h1>
<p>${escapeHtml(report.summary)}</p>
<p class="meta">Incident report from ${utc(report.from)} to ${utc(report.to)}. Made on ${utc(report.made)} by Unjam ${escapeHtml(report.by)}.</p>
${section('Verdicts', report.verdicts.length === 0 ? '<p>No finding stood at the end.</p>' : report.verdicts.map(verdict).join('\n'))}
${section('Over time', charts === '' ? '<p>No readings were recorded in this time.</p>' : charts)}
${section(
  'Timeline',
  timeline.length === 0
    ? '<p>Nothing appeared, cleared or was done in this time.</p>'
    : table(
        ['When', 'System', 'What'],
        timeline.map(({ at, system, what, tone }) => [mark('when', utc(at)), escapeHtml(system), mark(tone, what)]),
      ),
)}
${section(
  'Before and after',
  numbers.length === 0
    ? '<p>No readings were recorded in this time.</p>'
    : table(
        ['System', 'Number', heading('Before', edges.before), heading('After', edges.after), 'Change'],
        numbers.map((row) => [
          escapeHtml(row.system),
          escapeHtml(row.label),
          figure(row.before),
          figure(row.after),
          escapeHtml(changeOf(row)),
        ]),
        2,
      ),
)}
${section(
  'Actions taken',
  actions.length === 0
    ? '<p>Nothing was changed through Unjam.</p>'
    : table(
        ['When', 'Who', 'System', 'What', 'Outcome', 'Receipt'],
        actions.map((one) => [
          mark('when', utc(one.at)),
          ...[one.actor, one.system, one.title, outcomeOf(one), one.id].map(escapeHtml),
        ]),
      ),
)}
${unread.length === 0 ? '' : section('Could not be read', list(unread))}
${section('Afterwards', list(checklist, 'tasks'))}
</body>
</html>
`
}

/** System by system: what finished and waited, who worked on what, what the limit does, who still beats. */
function picturesOf(report: Report): string {
  const ids = new Set([...report.systems.map(({ id }) => id), ...report.runs.map(({ system }) => system)])
  return [...ids]
    .flatMap((id) => {
      const range = report.systems.find((system) => system.id === id)
      const runs = report.runs.find(({ system }) => system === id)
      const drawn = [
        range === undefined ? '' : rangeChart(range, report),
        ...(runs === undefined ? [] : [lanesChart(runs), scatterChart(runs), heartbeatChart(runs)]),
      ].filter((picture) => picture !== '')
      return drawn.length === 0 ? [] : [`<h3>${escapeHtml(id)}</h3>`, ...drawn]
    })
    .join('\n')
}

const mark = (tone: string, what: string) => `<span class="${escapeHtml(tone)}">${escapeHtml(what)}</span>`
const figure = (value: number | null) => (value === null ? mark('unknown', cell(value)) : escapeHtml(cell(value)))
const heading = (word: string, at: string | null) => (at === null ? word : `${word}, ${utc(at)}`)

function section(title: string, body: string): string {
  return `<section>\n<h2>${escapeHtml(title)}</h2>\n${body}\n</section>`
}

function verdict({ severity, headline, explanation, system, since, evidence, notTheCause }: Finding): string {
  return [
    `<h3><span class="${severity}">${severity}</span> · ${escapeHtml(headline)}</h3>`,
    `<p>${escapeHtml(explanation)} System ${escapeHtml(system)}, since ${utc(since)}.</p>`,
    table(
      ['Evidence', 'Value', 'Source', 'Read'],
      evidence.map((one) => [
        ...[one.label, valueText(one)].map(escapeHtml),
        mark('when', one.source),
        mark('when', utc(one.at)),
      ]),
    ),
    notTheCause.length === 0 ? '' : `<p>Not the cause:</p>${list(notTheCause)}`,
  ].join('\n')
}

function list(sentences: readonly string[], name = ''): string {
  return `<ul class="${name}">${sentences.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>`
}

/** Cells are markup already; columns from `numbersFrom` on are aligned as numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[], numbersFrom = 99): string {
  const attribute = (column: number) => (column >= numbersFrom ? ' class="num"' : '')
  const headings = head.map((one, n) => `<th${attribute(n)}>${escapeHtml(one)}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map((one, n) => `<td${attribute(n)}>${one}</td>`).join('')}</tr>`)
  return `<table><thead><tr>${headings}</tr></thead><tbody>${body.join('\n')}</tbody></table>`
}
