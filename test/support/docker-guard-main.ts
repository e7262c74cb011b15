// The guard's program: waits for the end of its input, then removes the daemon in the given folder with all it holds.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { waitForLock } from '../../electron/adapters/file-lock.ts'
import { dockerIn, isRunning } from './dockerd.ts'
import { until } from './until.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('which folder?')
process.stdin.resume()
process.stdin.once('end', () => void finish(folder))

async function finish(folder: string): Promise<void> {
  // A start that is under way ends first.
  const lock = await waitForLock(join(folder, 'start.lock'), 'exclusive', 60_000, AbortSignal.timeout(60_000))
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
    await until('dockerd has ended', () => !isRunning(pid), 30_000)
  }
  lock.release()
  rmSync(folder, { recursive: true, force: true })
  process.exit(0)
}
