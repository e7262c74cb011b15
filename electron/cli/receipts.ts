// `unjam receipts`: what was done, by whom, and whether it can be taken back.
import { isSample } from '../contract/sample.ts'
import { readArguments, WrongUsage, wholeNumber } from './arguments.ts'
import { columns } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { withCore } from './session.ts'

export const receipts: Command = {
  help: `unjam receipts [--limit N] [--before RECEIPT] [--data DIR] [--json]

What was done, newest first; 100 when --limit is not given. Touches no database.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { limit: { type: 'string' }, before: { type: 'string' } })
    if (positionals.length > 0) throw new WrongUsage('receipts takes no names')
    const limit = wholeNumber('limit', values.limit, 500) ?? 100
    const receipts = await withCore(values.data, context, ({ client }) =>
      client.receipts.list({ limit, before: values.before ?? null }, { signal: context.signal }),
    )
    context.terminal.result({ receipts }, () =>
      receipts.length === 0
        ? 'Nothing was done yet.'
        : columns(
            ['receipt', 'when', 'who', 'what', 'count', 'undo'],
            receipts.map((one) => [
              one.id,
              one.at,
              one.actor,
              isSample(one.system) ? `Sample: ${one.title}` : one.title,
              one.count,
              one.undone !== null ? `undone ${one.undone.at}` : one.undoable ? 'possible' : 'not possible',
            ]),
          ),
    )
    return exitCode.ok
  },
}
