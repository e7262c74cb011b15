// The guard's program: waits for the end of its input, then removes the daemon in the given folder with all it holds.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileLock, tryLock, waitForLock } from '../../electron/adapters/file-lock.ts'
import { dockerIn, isRunning, RANGE } from './dockerd.ts'
import { until } from './until.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('which folder?')
// Held until this process ends; read by whoever starts the daemon.
const held = holdRange()
writeFileSync(join(folder, `${RANGE}.new`), held.range)
renameSync(join(folder, `${RANGE}.new`), join(folder, RANGE))
process.stdin.resume()
process.stdin.once('end', () => void finish(folder))

async function finish(folder: string): Promise<void> {
  // A start that is under way ends first.
  const lock = await waitForLock(join(folder, 'start.lock'), 'exclusive', 120_000, AbortSignal.timeout(120_000))
  const pidFile = join(folder, 'docker.pid')
  if (existsSync(pidFile)) {
    const pid = Number(readFileSync(pidFile, 'utf8'))
    const { docker } = dockerIn(folder)
    try {
      const containers = await docker('ps', '--all', '--quiet')
      if (containers !== '') await docker('rm', '--force', '--volumes', ...containers.split('\n'))
      // Or their bridges stay on this machine.
      await docker('network', 'prune', '--force')
    } catch (error) {
      console.error(`The test run's dockerd could not be tidied up: ${error}`)
    }
    if (isRunning(pid)) process.kill(pid, 'SIGTERM')
    await until('dockerd has ended', () => !isRunning(pid))
  }
  lock.release()
  rmSync(folder, { recursive: true, force: true })
  held.lock.release()
  process.exit(0)
}

/**
 * A 10.x range that neither an interface nor another test daemon of this machine uses. A lock tells daemons from each
 * other, for their networks come and go; the operating system releases it with this process.
 */
function holdRange(): { readonly range: string; readonly lock: FileLock } {
  const used = new Set(
    Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address.split('.')[1])),
  )
  for (let n = 150; n < 250; n++) {
    if (used.has(String(n))) continue
    const lock = tryLock(join(tmpdir(), `unjam-test-range-${n}.lock`), 'exclusive')
    if (lock !== null) return { range: `10.${n}.0.0/16`, lock }
  }
  throw new Error('every range of addresses from 10.150 to 10.249 is in use on this machine')
}
