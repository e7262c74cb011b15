// `unjam migrate`: Unjam's own tables in a database, or the SQL for somebody who may create them.
import { readArguments, WrongUsage } from './arguments.ts'
import type { Command, Context } from './commands.ts'
import { exitCode } from './exit-codes.ts'

export const migrate: Command = {
  help: `unjam migrate [--database URL] [--print] [--data DIR] [--json]

Creates what is missing: the schema unjam in the database at --database, where the recordings table is left as it is;
without --database both sets in Unjam's own embedded database.
  --print   the SQL of the schema unjam for a database administrator; nothing is connected to
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      database: { type: 'string' },
      print: { type: 'boolean', default: false },
    })
    if (positionals.length > 0) throw new WrongUsage('migrate takes no names')
    const { migrate: apply, migrationSql } = await import('../adapters/migrate.ts')
    if (values.print) {
      const sql = migrationSql('unjam', context.root)
      if (context.terminal.json) context.terminal.result({ sql }, () => sql)
      else context.terminal.write(sql.endsWith('\n') ? sql : `${sql}\n`)
      return exitCode.ok
    }
    const applied =
      values.database === undefined
        ? await embedded(values.data, context)
        : await apply(values.database, 'unjam', context.root)
    context.terminal.result({ applied }, () =>
      applied.length === 0 ? 'Everything is there already.' : `Applied: ${applied.join(', ')}.`,
    )
    return exitCode.ok
  },
}

async function embedded(data: string | undefined, context: Context): Promise<readonly string[]> {
  const { createDataFolder, dataDirectory } = await import('../compose/data-folder.ts')
  const { localDatabase } = await import('../compose/local-database.ts')
  const database = localDatabase(createDataFolder(dataDirectory(data)), context.root, context.terminal.say)
  try {
    await database.url(context.signal)
    return database.applied()
  } finally {
    await database.close()
  }
}
