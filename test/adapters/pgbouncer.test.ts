// The whole battery through PgBouncer in transaction mode: no session state, no named statements, limits by SET LOCAL.
import { afterAll, describe } from 'vitest'
import { openPool, type Pool } from '../../worker/store/pool.ts'
import { pgBouncer } from '../support/pgbouncer.ts'
import { testDatabase } from '../support/postgres.ts'
import { describeJobSystem } from './job-system.contract.ts'
import { createStackTable, postgresStage, stackTable } from './postgres-stage.ts'

describe('Postgres behind PgBouncer', () => {
  const opened: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const close of opened.reverse()) await close()
  })

  async function through(): Promise<Pool> {
    const database = await testDatabase()
    await createStackTable(database.pool)
    const bouncer = await pgBouncer(database.url)
    const pool = openPool(bouncer.url, 4, () => undefined)
    opened.push(database.drop, bouncer.stop, pool.close)
    return pool
  }

  describeJobSystem('the table of a stack', async () => postgresStage(await through(), stackTable), {
    cannot: {
      add: /added to .* by the program that owns it\.$/,
      remove: /belong to another program; skip a job instead/,
      finalize: /have no children\.$/,
    },
  })
})
