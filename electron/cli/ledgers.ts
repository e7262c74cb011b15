// `unjam ledgers`: database, broker, workers and past attempts side by side, and where they disagree.
import type { Reconciliation } from '../contract/proof.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import { columns } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'

import { chosenSystem, withCore } from './session.ts'

export const ledgers: Command = {
  help: `unjam ledgers [--system ID] [--data DIR] [--json]

Database, broker, workers and past attempts side by side: what agrees, each mismatch with its jobs, and Flower's failed
attempts mapped to the database's failed jobs. Changes nothing.
Exit 0 when they agree, 1 when they do not, 2 when no mismatch was found but a ledger could not be read.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { system: { type: 'string' } })
    if (positionals.length > 0) throw new WrongUsage('ledgers takes no names')
    const books = await withCore(values.data, context, async ({ client }) =>
      client.proof.ledgers({ system: await chosenSystem(client, values.system) }, { signal: context.signal }),
    )
    context.terminal.result(books, () => text(books))
    if (books.discrepancies.length > 0) return exitCode.findings
    return books.unread.length > 0 ? exitCode.unread : exitCode.ok
  },
}

function text({ numbers, discrepancies, agreements, attempts, unread }: Reconciliation): string {
  const found = discrepancies.map(({ sentence, jobs, count }) => {
    const more = count > jobs.length ? [`  and ${count - jobs.length} more`] : []
    return [sentence, ...jobs.map(({ id, title }) => `  ${id}  ${title ?? ''}`.trimEnd()), ...more].join('\n')
  })
  const mapped = attempts === null ? [] : [attempts.sentence]
  if (attempts !== null && attempts.jobs.length > 0)
    mapped.push(
      columns(
        ['failed attempts', 'state', 'job', 'title'],
        attempts.jobs.map(({ attempts: n, state, id, title }) => [n, state, id, title]),
      ),
    )
  return [
    columns(
      ['ledger', '', 'number'],
      numbers.map(({ ledger, label, value }) => [ledger, label, value]),
    ),
    ...(found.length === 0 ? ['They agree, as far as they could be read.'] : found),
    ...mapped,
    [...agreements, ...unread].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}
