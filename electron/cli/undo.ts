// `unjam undo`: takes back what a receipt records, where the world has not moved on.
import { FailureError } from '../contract/failure.ts'
import { receiptText } from './action-text.ts'
import { onePositional, readArguments } from './arguments.ts'
import { printable } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { type Session, withCore } from './session.ts'

export const undo: Command = {
  help: `unjam undo RECEIPT [--yes] [--data DIR] [--json]

Shows a receipt; with --yes takes back what it records. Items that moved meanwhile are left and listed.
Exit 0 shown or undone, 3 stale, 4 refused (no such receipt, undone already, not undoable), 5 partly undone.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { yes: { type: 'boolean', default: false } })
    const id = onePositional(positionals, 'RECEIPT')
    return withCore(values.data, context, async (session) => {
      if (!values.yes) {
        const receipt = await find(session, id, context.signal)
        context.terminal.result(receipt, () => `${receiptText(receipt)}\nNothing was changed.`)
        return exitCode.ok
      }
      // No signal: what has begun to be written is reported to its end.
      const receipt = await session.client.receipts.undo({ id })
      const { restored, left } = receipt.undone ?? { restored: 0, left: [] }
      context.terminal.result(receipt, () =>
        [
          `Undone: ${printable(receipt.title)}, ${restored} of ${receipt.count} restored.`,
          ...left.map((one) => `  left ${one.id}: ${printable(one.because)}`),
        ].join('\n'),
      )
      return left.length > 0 ? exitCode.partly : exitCode.ok
    })
  },
}

async function find({ client }: Session, id: string, signal: AbortSignal) {
  for (let before: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof client.receipts.list>> = await client.receipts.list(
      { limit: 500, before },
      { signal },
    )
    const found = page.find((receipt) => receipt.id === id)
    if (found !== undefined) return found
    const last = page.at(-1)
    if (last === undefined || page.length < 500)
      throw new FailureError({
        kind: 'missing',
        tried: 'Find the receipt',
        on: id,
        because: 'History has none with this id',
        remedy: 'unjam receipts lists them.',
      })
    before = last.id
  }
}
