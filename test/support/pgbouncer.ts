// A real PgBouncer in transaction mode before a test's database: what holds only in a session breaks here.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startProcess } from './child-process.ts'

export interface TestBouncer {
  /** The same database through the bouncer. */
  readonly url: string
  stop(): Promise<void>
}

/** Two server connections for any number of clients: every transaction may meet another session. */
export async function pgBouncer(database: string): Promise<TestBouncer> {
  const { hostname, port, username, password, pathname } = new URL(database)
  const folder = mkdtempSync(join(tmpdir(), 'unjam-bouncer-'))
  const listen = await freePort()
  const name = pathname.slice(1)
  const target = `host=${hostname} port=${port} dbname=${name} user=${username} password=${decodeURIComponent(password)}`
  const settings = [
    '[databases]',
    `${name} = ${target}`,
    '[pgbouncer]',
    ...['listen_addr = 127.0.0.1', `listen_port = ${listen}`, 'unix_socket_dir =', 'auth_type = any'],
    ...['pool_mode = transaction', 'default_pool_size = 2', 'server_tls_sslmode = disable'],
  ]
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(file, `${settings.join('\n')}\n`)
  // It refuses to run as root, and reads its file as whom it becomes.
  chmodSync(folder, 0o755)
  const asNobody = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = startProcess('/usr/sbin/pgbouncer', [...asNobody, file], {})
  await child.said(/process up/)
  return {
    url: `postgres://${username}@127.0.0.1:${listen}/${name}`,
    async stop() {
      await child.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
