// `unjam add`: files and folders into the local queue.
import { resolve } from 'node:path'
import type { AddReport } from '../contract/job.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import { count, printable } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { chosenSystem, withCore } from './session.ts'

export const add: Command = {
  help: `unjam add PATH… [--system ID] [--data DIR] [--json]

Adds files, and every file in folders, to the queue. The same bytes are not added twice. A file that is not a
recording is accepted and failed by the worker with its sentence.
Exit 0 when every path was taken (or was there already), 5 when some were refused, 4 when all were.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { system: { type: 'string' } })
    if (positionals.length === 0) throw new WrongUsage('PATH is missing')
    // The core may run elsewhere: its working directory is not this one.
    const paths = positionals.map((path) => resolve(path))
    const report = await withCore(values.data, context, async ({ client }) =>
      client.jobs.add({ system: await chosenSystem(client, values.system), paths }, { signal: context.signal }),
    )
    context.terminal.result(report, () => text(report))
    if (report.refused.length === 0) return exitCode.ok
    return report.added.length + report.duplicates.length > 0 ? exitCode.partly : exitCode.refused
  },
}

function text({ added, duplicates, refused }: AddReport): string {
  return [
    `${count(added.length, 'recording')} added, ${duplicates.length} already there, ${refused.length} refused.`,
    ...added.map(({ id, title }) => `  ${id}  ${printable(title)}`),
    ...duplicates.map(({ id, title }) => `  ${id}  ${printable(title)} (already there)`),
    ...refused.map(({ path, because }) => `  refused ${printable(path)}: ${because}`),
  ].join('\n')
}
