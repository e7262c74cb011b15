// `unjam doctor`: everything Unjam needs, each as one sentence.
import type { Check } from '../contract/host.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import { columns } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { withCore } from './session.ts'

export const doctor: Command = {
  help: `unjam doctor [--data DIR] [--json]

What Unjam needs on this computer and whether it is there. Starts nothing.
Exit 0 when nothing is missing, 1 otherwise.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {})
    if (positionals.length > 0) throw new WrongUsage('doctor takes no names')
    const checks = await withCore(values.data, context, ({ client }) =>
      client.host.doctor({}, { signal: context.signal }),
    )
    context.terminal.result({ checks }, () => text(checks))
    return checks.some(({ state }) => state === 'missing') ? exitCode.findings : exitCode.ok
  },
}

const words = { ok: 'ok', missing: 'missing', later: 'not yet' } as const

function text(checks: readonly Check[]): string {
  const missing = checks.filter(({ state }) => state === 'missing')
  const table = columns(
    ['', '', ''],
    checks.map(({ state, title, sentence }) => [words[state], title, sentence]),
  )
  return `${table.trimStart()}\n\n${
    missing.length === 0 ? 'Nothing is missing.' : `Missing: ${missing.map(({ title }) => title).join(', ')}.`
  }`
}
