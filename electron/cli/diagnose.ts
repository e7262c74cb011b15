// `unjam diagnose`: the findings, the most urgent first, with evidence and what to press; --watch says what changes.
import { FailureError } from '../contract/failure.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import type { Command } from './command.ts'
import { type ExitCode, exitCode } from './exit-codes.ts'
import { findingText } from './finding-text.ts'
import { withCore } from './session.ts'
import { diagnoseDocument, unread } from './shapes.ts'
import { watchFindings } from './watch-findings.ts'

export const diagnose: Command = {
  help: `unjam diagnose [--system ID] [--watch] [--data DIR] [--json]

Why is nothing finishing: the findings, ranked, each with its evidence and what can be done.
  --system ID  of this system alone
  --watch      say what appears, changes and clears until Ctrl-C; with --json one document a line
Exit 0 clear, 1 findings, 2 no finding but a configured source cannot be read.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      system: { type: 'string' },
      watch: { type: 'boolean', default: false },
    })
    if (positionals.length > 0) throw new WrongUsage('diagnose takes no names')
    const of = (snapshot: Snapshot) => (values.system === undefined ? snapshot : only(snapshot, values.system))
    return withCore(values.data, context, async ({ client, core }) => {
      const snapshot = of(await client.snapshot({}, { signal: context.signal }))
      if (!values.watch) context.terminal.result(diagnoseDocument(snapshot), () => text(snapshot))
      else {
        // A core that this command hosts polls nothing by itself.
        core.hosted?.composed.api.core.start()
        return verdict(await watchFindings(client, snapshot, of, context))
      }
      return verdict(snapshot)
    })
  },
}

/** What concerns one system. */
function only(snapshot: Snapshot, id: string): Snapshot {
  const systems = snapshot.systems.filter((system) => system.id === id)
  if (systems.length > 0)
    return { ...snapshot, systems, findings: snapshot.findings.filter(({ system }) => system === id) }
  throw new FailureError({
    kind: 'missing',
    tried: 'Diagnose',
    on: id,
    because: 'the settings list no such system',
    remedy: `There are ${snapshot.systems.map((system) => system.id).join(', ')}.`,
  })
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
