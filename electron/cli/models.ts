// `unjam models`: the models whisper.cpp publishes, the ones that are here, and how to get one.
import { resolve } from 'node:path'
import { FailureError } from '../contract/failure.ts'
import type { CatalogModel, ModelResult } from '../contract/host.ts'
import { onePositional, readArguments, WrongUsage } from './arguments.ts'
import { columns, size } from './columns.ts'
import type { Command, Context } from './command.ts'
import { downloadModel } from './download-model.ts'
import { exitCode } from './exit-codes.ts'
import { type Session, withCore } from './session.ts'

const verbs = ['list', 'download', 'import', 'select'] as const

export const models: Command = {
  help: `unjam models [list | download NAME | import FILE | select FILE-NAME] [--data DIR] [--json]

  list              every model whisper.cpp publishes, with its size, memory and checksum, and which are here
  download NAME     fetch one (base, small, large-v3-turbo …); goes on where an earlier try ended; checked by its SHA-1
  import FILE       take over a ggml model file, for computers without a way to the internet
  select FILE-NAME  the one the worker uses; the first that arrives is chosen by itself
UNJAM_MODEL_HUB is the address of a mirror to fetch from instead of huggingface.co.
Exit 4 when it is no model or its checksum is wrong, 2 when no hub can be reached; the sentence names the cause.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {})
    const [given = 'list', ...rest] = positionals
    const verb = verbs.find((one) => one === given)
    if (verb === undefined)
      throw new WrongUsage(`There is no models ${JSON.stringify(given)}; there are ${verbs.join(', ')}`)
    if (verb === 'list') {
      if (rest.length > 0) throw new WrongUsage('models list takes no names')
      const list = await withCore(values.data, context, ({ client }) => client.models.list({}))
      context.terminal.result({ models: list }, () => table(list))
      return exitCode.ok
    }
    const name = onePositional(rest, verb === 'import' ? 'FILE' : 'NAME')
    const result = await withCore(values.data, context, (session) => get(verb, name, session, context))
    if (!result.ok) throw new FailureError(result.failure)
    context.terminal.result({ path: result.path }, () => result.sentence)
    return exitCode.ok
  },
}

async function get(
  verb: 'download' | 'import' | 'select',
  name: string,
  session: Session,
  context: Context,
): Promise<ModelResult> {
  const { client } = session
  if (verb === 'import') return client.models.import({ path: resolve(name) }, { signal: context.signal })
  if (verb === 'select') return client.models.select({ fileName: name })
  return downloadModel(name, session, context)
}

function table(list: readonly CatalogModel[]): string {
  return columns(
    ['model', 'size', 'memory', '', 'SHA-1'],
    list.map((model) => [
      model.name,
      size(model.bytes),
      size(model.memoryBytes),
      model.selected ? 'chosen' : model.present ? 'here' : '',
      model.sha1,
    ]),
  )
}
