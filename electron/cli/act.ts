// `unjam act`: what an action would do; with --yes it is done, on exactly what the preview froze.
import { ActionId, ActionRequest } from '../contract/action.ts'
import { previewText, receiptText } from './action-text.ts'
import { onePositional, readArguments, WrongUsage } from './arguments.ts'
import { printable } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { nearest } from './nearest.ts'
import { chosenSystem, withCore } from './session.ts'

export const act: Command = {
  help: `unjam act ACTION [--system ID] [--ids A,B | --all] [--param KEY=VALUE]… [--yes] [--fingerprint F] [--data DIR] [--json]

Previews an action: how many, a sample, what is not touched, whether it can be undone. Nothing is written.
  --yes             carry it out and print the receipt
  --fingerprint F   of an earlier preview: refuse when things changed since
  --ids A,B         these jobs, queues, workers, tasks or services; --all is every one it applies to (the default)
  --param KEY=VALUE a parameter: queue=celery, by=1, replicas=2; for set-env the key itself, KEY=none takes it out
Actions: ${ActionId.options.join(', ')}
Exit 0 previewed or done, 3 stale, 4 refused, 5 partly done.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      system: { type: 'string' },
      ids: { type: 'string', multiple: true },
      all: { type: 'boolean', default: false },
      param: { type: 'string', multiple: true },
      yes: { type: 'boolean', default: false },
      fingerprint: { type: 'string' },
    })
    const { terminal, signal } = context
    const action = actionNamed(onePositional(positionals, 'ACTION'))
    if (values.ids !== undefined && values.all) throw new WrongUsage('--ids and --all exclude each other')
    const target = values.ids === undefined ? 'all' : idsOf(values.ids)
    const params = Object.fromEntries((values.param ?? []).map(keyAndValue))
    return withCore(values.data, context, async ({ client }) => {
      const system = await chosenSystem(client, values.system)
      const request = ActionRequest.parse({ action, system, target, params })
      let { fingerprint } = values
      if (!values.yes || fingerprint === undefined) {
        const preview = await client.actions.preview(request, { signal })
        if (!values.yes) {
          terminal.result(preview, () => previewText(preview))
          return exitCode.ok
        }
        terminal.say(printable(preview.summary))
        fingerprint = preview.fingerprint
      }
      // No signal: what has begun to be written is reported to its end.
      const receipt = await client.actions.execute({ request, fingerprint })
      terminal.result(receipt, () => receiptText(receipt))
      return receipt.left.length > 0 ? exitCode.partly : exitCode.ok
    })
  },
}

function actionNamed(name: string): ActionId {
  const known = ActionId.safeParse(name)
  if (known.success) return known.data
  const meant = nearest(name, ActionId.options)
  const hint = meant === null ? `there are ${ActionId.options.join(', ')}` : `${meant} is the nearest`
  throw new WrongUsage(`There is no action ${JSON.stringify(name)}; ${hint}`)
}

function idsOf(given: readonly string[]): string[] {
  const ids = [...new Set(given.flatMap((part) => part.split(',')).map((id) => id.trim()))].filter((id) => id !== '')
  if (ids.length === 0) throw new WrongUsage('--ids names nothing')
  return ids
}

function keyAndValue(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw new WrongUsage(`--param ${JSON.stringify(text)} is not KEY=VALUE`)
  return [text.slice(0, at), text.slice(at + 1)]
}
