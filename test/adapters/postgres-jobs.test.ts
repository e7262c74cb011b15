// The Postgres adapter passes the battery on Unjam's own table and on one where nothing is called or typed the same.
import { afterAll, describe } from 'vitest'
import { testDatabase } from '../support/postgres.ts'
import { describeJobSystem } from './job-system.contract.ts'
import { createOddTable, createStackTable, localTable, oddTable, postgresStage, stackTable } from './postgres-stage.ts'

describe('Postgres', () => {
  const opened: { drop(): Promise<void> }[] = []
  const database = async () => {
    const made = await testDatabase()
    opened.push(made)
    return made.pool
  }
  afterAll(() => Promise.all(opened.map((made) => made.drop())))

  describeJobSystem('local table', async () => postgresStage(await database(), localTable), {
    cannot: { 'take-over': /by itself\.$/, finalize: /have no children\.$/ },
  })

  describeJobSystem(
    'somebody else’s table with an enum, integers and odd names',
    async () => {
      const pool = await database()
      await createOddTable(pool)
      return postgresStage(pool, oddTable)
    },
    {
      cannot: {
        add: /added to .* by the program that owns it\.$/,
        finalize: /have no children\.$/,
        remove: /belong to another program; skip a job instead/,
        'take-over': /no column with the path of a file/,
      },
    },
  )

  describeJobSystem(
    'the table of a stack',
    async () => {
      const pool = await database()
      await createStackTable(pool)
      return postgresStage(pool, stackTable)
    },
    {
      cannot: {
        add: /added to .* by the program that owns it\.$/,
        finalize: /have no children\.$/,
        remove: /belong to another program; skip a job instead/,
      },
    },
  )
})
