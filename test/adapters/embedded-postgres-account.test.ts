// Handing a cluster's files to the account that runs Postgres: never a file elsewhere.
import { chmodSync, linkSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { giveTree } from '../../electron/adapters/embedded-postgres-account.ts'
import { clusterIn, prepareFolders } from '../../electron/adapters/embedded-postgres-cluster.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterEach(() => folders.remove())
const account = { uid: 65_534, gid: 65_534 }

describe.runIf(process.getuid?.() === 0)('as root', () => {
  test('gives a restored cluster to the account, and nothing that a link or a second name leads to', () => {
    const [data, outside] = [folders.path(), folders.path()]
    mkdirSync(join(data, 'base'))
    for (const file of [join(data, 'base', '1'), join(outside, 'file'), join(outside, 'twin')]) writeFileSync(file, '')
    symlinkSync(outside, join(data, 'pg_wal'))
    symlinkSync(join(outside, 'file'), join(data, 'PG_VERSION'))
    linkSync(join(outside, 'twin'), join(data, 'twin'))
    giveTree(account, data)
    expect([data, join(data, 'base'), join(data, 'base', '1')].map((path) => lstatSync(path).uid)).toEqual([
      65_534, 65_534, 65_534,
    ])
    expect(['', 'file', 'twin'].map((name) => statSync(join(outside, name)).uid)).toEqual([0, 0, 0])
  })

  test('a data folder that is a link keeps owner and mode of what it leads to', () => {
    const outside = folders.path()
    writeFileSync(join(outside, 'file'), '')
    chmodSync(outside, 0o755)
    const cluster = clusterIn(join(folders.path(), 'postgres'))
    mkdirSync(join(cluster.data, '..'), { recursive: true })
    symlinkSync(outside, cluster.data)
    prepareFolders(cluster, account)
    expect([statSync(outside).uid, statSync(join(outside, 'file')).uid]).toEqual([0, 0])
    expect((statSync(outside).mode & 0o777).toString(8)).toBe('755')
  })
})
