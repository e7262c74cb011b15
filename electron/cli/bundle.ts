// `unjam bundle`: everything known of a stretch of time in one redacted file, for somebody who looks elsewhere.
import { readArguments, WrongUsage } from './arguments.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { withCore } from './session.ts'
import { since } from './since.ts'
import { checkPlace, writeWhole } from './write-whole.ts'

export const bundle: Command = {
  help: `unjam bundle --out FILE [--since WHEN] [--anonymous] [--data DIR] [--json]

Snapshot, readings, findings and receipts in one file, which unjam open FILE shows on another machine. Passwords, tokens,
credentials in addresses and values of .env are redacted.
  --since WHEN   90m, 6h, 3d, or a date; a day when not given
  --anonymous    without names of recordings and paths
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      ...{ since: { type: 'string' }, out: { type: 'string' } },
      ...{ anonymous: { type: 'boolean', default: false } },
    })
    if (positionals.length > 0) throw new WrongUsage('bundle takes no names')
    const { out, anonymous } = values
    if (out === undefined) throw new WrongUsage('--out FILE is missing')
    checkPlace(out)
    const file = await withCore(values.data, context, ({ client }) =>
      client.history.bundle({ ...since(values.since), anonymous }, { signal: context.signal }),
    )
    // Its secrets are masked; job titles, hosts and errors are not.
    writeWhole(out, Buffer.from(file.base64, 'base64'), 0o600)
    context.terminal.result({ out, bytes: file.bytes }, () => `The bundle is in ${out}, ${file.bytes} bytes.`)
    return exitCode.ok
  },
}
