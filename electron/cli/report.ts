// `unjam report`: the incident report as Markdown or HTML, for a ticket or the printer.
import { readArguments, WrongUsage } from './arguments.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { withCore } from './session.ts'
import { since } from './since.ts'
import { writeWhole } from './write-whole.ts'

export const report: Command = {
  help: `unjam report [--since WHEN] [--out FILE] [--html] [--anonymous] [--data DIR] [--json]

What happened: verdicts, evidence, timeline, numbers before and after, actions with their receipts, what is left to do.
Markdown on stdout; --html, or an --out that ends in .html, makes one HTML file that prints well. Secrets are redacted.
  --since WHEN   90m, 6h, 3d, or a date; a day when not given
  --anonymous    without names of recordings and paths
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      ...{ since: { type: 'string' }, out: { type: 'string' } },
      ...{ html: { type: 'boolean', default: false }, anonymous: { type: 'boolean', default: false } },
    })
    if (positionals.length > 0) throw new WrongUsage('report takes no names')
    const { out, anonymous } = values
    const format = values.html || out?.toLowerCase().endsWith('.html') ? 'html' : 'markdown'
    const file = await withCore(values.data, context, ({ client }) =>
      client.history.report({ ...since(values.since), format, anonymous }, { signal: context.signal }),
    )
    if (out === undefined) context.terminal.result(file, () => file.text.trimEnd())
    else {
      writeWhole(out, file.text)
      context.terminal.result({ out, mimeType: file.mimeType }, () => `The report is in ${out}.`)
    }
    return exitCode.ok
  },
}
