// The guard's program: waits for the end of its input, then stops the server in the given folder and removes it.
import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { accountFor } from '../../electron/adapters/embedded-postgres-account.ts'
import { findBinaries, prepareBinaries } from '../../electron/adapters/embedded-postgres-binaries.ts'
import { clusterIn } from '../../electron/adapters/embedded-postgres-cluster.ts'
import { stopServer } from '../../electron/adapters/embedded-postgres-server.ts'
import { waitForLock } from '../../electron/adapters/file-lock.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('which folder?')
process.stdin.resume()
process.stdin.once('end', () => void finish(folder))

async function finish(folder: string): Promise<void> {
  const cluster = clusterIn(folder)
  if (existsSync(folder)) {
    // A start that is under way ends first. Nobody is asked who still uses the server: the run is over.
    const lock = await waitForLock(cluster.startLock, 'exclusive', 60_000, AbortSignal.timeout(90_000))
    const account = accountFor(cluster.data)
    const native = prepareBinaries(findBinaries(), folder, account)
    if (existsSync(cluster.data)) await stopServer({ cluster, native, account })
    lock.release()
  }
  rmSync(dirname(folder), { recursive: true, force: true })
  process.exit(0)
}
