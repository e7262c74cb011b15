// `unjam diagnose`: the findings, the most urgent first, with evidence and what to press.
import type { Finding } from '../contract/finding.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import { pairs } from './columns.ts'
import type { Command } from './command.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { withCore } from './session.ts'
import { diagnoseDocument, unread } from './shapes.ts'

export const diagnose: Command = {
  help: `unjam diagnose [--data DIR] [--json]

Why is nothing finishing: the findings, ranked, each with its evidence and what can be done.
Exit 0 clear, 1 findings, 2 no finding but a configured source cannot be read.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {})
    if (positionals.length > 0) throw new WrongUsage('diagnose takes no names')
    const snapshot = await withCore(values.data, context, ({ client }) =>
      client.snapshot({}, { signal: context.signal }),
    )
    context.terminal.result(diagnoseDocument(snapshot), () => text(snapshot))
    return verdict(snapshot)
  },
}

/** That a source cannot be read is its own answer, not a diagnosis of the queue. */
function verdict(snapshot: Snapshot): ExitCode {
  if (snapshot.findings.some(({ rule }) => rule !== 'source-unreachable')) return exitCode.findings
  const blind = snapshot.findings.length > 0 || snapshot.systems.some((system) => unread(system).length > 0)
  return blind ? exitCode.unread : exitCode.ok
}

function text(snapshot: Snapshot): string {
  const findings = snapshot.findings.map(findingText)
  const blind = snapshot.systems.flatMap((system) =>
    unread(system).map(({ part, because }) => `${system.id}: ${part} cannot be read: ${because}.`),
  )
  if (findings.length === 0 && blind.length === 0) return 'Nothing is wrong that Unjam knows of.'
  return [...findings, ...blind].join('\n\n')
}

function findingText(finding: Finding): string {
  const indent = (block: string) => block.replaceAll(/^/gm, '  ')
  const remedies = finding.remedies.map(({ action, ids, params, label, effect }) => {
    const options = Object.entries(params).map(([key, value]) => ` --param ${key}=${value}`)
    const target = ids === null ? '' : ` --ids ${ids.join(',')}`
    return `→ ${label}${effect === null ? '' : `: ${effect}`}\n    unjam act ${action} --system ${finding.system}${target}${options.join('')}`
  })
  return [
    `${finding.severity.toUpperCase()}  ${finding.headline}`,
    indent(finding.explanation),
    indent(pairs(finding.evidence.map(({ label, value, source }) => [label, `${value} (${source})`]))),
    ...finding.notTheCause.map((sentence) => indent(`not the cause: ${sentence}`)),
    ...remedies.map(indent),
  ].join('\n')
}
