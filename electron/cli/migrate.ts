// `unjam migrate`: Unjam's own tables in a database, or the SQL for somebody who may create them.
import * as z from 'zod'
import { resolveSecret } from '../adapters/secrets.ts'
import { createDataFolder, dataDirectory } from '../compose/data-folder.ts'
import { encodeUserinfo } from '../contract/secrets/encode-userinfo.ts'
import { warnOfPassword } from './access-token.ts'
import { readArguments, value, WrongUsage } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { databaseEvents } from './database-events.ts'
import { exitCode } from './exit-codes.ts'

export const migrate: Command = {
  help: `unjam migrate [--database URL] [--print [--set unjam|local]] [--data DIR] [--json]

Creates what is missing: the schema unjam in the database at --database, where the recordings table is left as it is;
without --database both sets in Unjam's own embedded database.
  --print   the SQL for a database administrator, of the schema unjam unless --set local; nothing is connected to
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      database: { type: 'string' },
      print: { type: 'boolean', default: false },
      set: { type: 'string', default: 'unjam' },
    })
    if (positionals.length > 0) throw new WrongUsage('migrate takes no names')
    warnOfPassword('database', values.database, context.terminal.say)
    const { migrate: apply, migrationSql } = await import('../adapters/migrate.ts')
    if (values.print) {
      const set = value(z.enum(['unjam', 'local']), 'set', values.set, 'unjam or local')
      const sql = migrationSql(set, context.root)
      if (context.terminal.json) context.terminal.result({ sql }, () => sql)
      else context.terminal.write(sql.endsWith('\n') ? sql : `${sql}\n`)
      return exitCode.ok
    }
    const applied =
      values.database === undefined
        ? await embedded(values.data, context)
        : await apply(encodeUserinfo(resolveSecret(values.database, dataDirectory(values.data))), 'unjam', context.root)
    context.terminal.result({ applied }, () =>
      applied.length === 0 ? 'Everything is there already.' : `Applied: ${applied.join(', ')}.`,
    )
    return exitCode.ok
  },
}

async function embedded(data: string | undefined, context: Context): Promise<readonly string[]> {
  const { localDatabase } = await import('../compose/local-database.ts')
  const database = localDatabase(createDataFolder(dataDirectory(data)), context.root, databaseEvents(context))
  try {
    await database.url(context.signal)
    return database.applied()
  } finally {
    await database.close()
  }
}
