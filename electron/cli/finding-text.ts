// A finding as the terminal shows it: the verdict, the evidence, what is not the cause, and the commands to press.
import type { Finding } from '../contract/finding.ts'
import { pairs, printable } from './columns.ts'

export function findingText(finding: Finding): string {
  const indent = (block: string) => block.replaceAll(/^/gm, '  ')
  const remedies = finding.remedies.map(({ action, ids, params, label, effect }) => {
    const options = Object.entries(params).map(([key, value]) => ` --param ${quoted(`${key}=${value}`)}`)
    const target = ids === null ? '' : ` --ids ${quoted(ids.join(','))}`
    return `→ ${label}${effect === null ? '' : `: ${effect}`}\n    unjam act ${action} --system ${finding.system}${target}${options.join('')}`
  })
  return [
    `${finding.severity.toUpperCase()}  ${printable(finding.headline)}`,
    indent(printable(finding.explanation)),
    indent(pairs(finding.evidence.map(({ label, value, source }) => [label, `${value} (${source})`]))),
    ...finding.notTheCause.map((sentence) => indent(`not the cause: ${printable(sentence)}`)),
    ...(finding.hints ?? []).map((hint) => indent(`see: ${printable(hint)}`)),
    ...remedies.map(indent),
  ].join('\n')
}

/** As one word of a shell, so that a remedy can be copied as it stands. */
function quoted(word: string): string {
  return /^[\w.,:=@/+-]+$/.test(word) ? word : `"${word.replaceAll(/["\\$`]/g, String.raw`\$&`)}"`
}
