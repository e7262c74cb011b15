// `unjam quarantines`: messages that were moved out of queues and are still kept, with the receipt that puts them back.
import type { QuarantineEntry } from '../contract/queue.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import { columns } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { chosenSystem, withCore } from './session.ts'

export const quarantines: Command = {
  help: `unjam quarantines [--system ID] [--data DIR] [--json]

Messages that purge, de-duplicate and collapse have moved out of queues and that Redis still keeps: which queue, how many,
until when. \`unjam undo RECEIPT\` puts them back. Changes nothing.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { system: { type: 'string' } })
    if (positionals.length > 0) throw new WrongUsage('quarantines takes no names')
    const kept = await withCore(values.data, context, async ({ client }) =>
      client.queues.quarantines({ system: await chosenSystem(client, values.system) }, { signal: context.signal }),
    )
    context.terminal.result(kept, () => text(kept))
    return exitCode.ok
  },
}

const actions: Readonly<Record<QuarantineEntry['rule'], string>> = {
  all: 'purge',
  duplicates: 'de-duplicate',
  periodic: 'collapse periodic',
}

function text(kept: readonly QuarantineEntry[]): string {
  if (kept.length === 0) return 'No messages in quarantine.'
  return columns(
    ['receipt', 'queue', 'action', 'messages', 'kept until'],
    kept.map(({ operation, queue, rule, messages, until }) => [operation, queue, actions[rule], messages, until]),
  )
}
