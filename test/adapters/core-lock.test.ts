// Locks between processes: held alone or together, and released by the system when the holder is killed.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { takeCoreLock } from '../../electron/adapters/core-lock.ts'
import { tryLock, waitForLock } from '../../electron/adapters/file-lock.ts'
import { canMount, smallDisks } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
const disks = smallDisks()
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  folders.remove()
  disks.remove()
})

/** Another process that tries to take the lock. */
async function holder(file: string, mode: 'exclusive' | 'shared' = 'exclusive') {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'support', 'lock-holder.ts'), file, mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const kill = async () => {
    child.kill('SIGKILL')
    await gone
  }
  ends.push(kill)
  const said = await new Promise<string>((resolve) => child.stdout.once('data', (text) => resolve(String(text).trim())))
  return { said, kill }
}

test('one core per data directory, in this process as between processes', async () => {
  const data = folders.path()
  const mine = takeCoreLock(data)
  expect(mine).not.toBeNull()
  expect(takeCoreLock(data)).toBeNull()
  expect((await holder(join(data, 'run', 'core.lock'))).said).toBe('busy')
  mine?.release()
  mine?.release()
  expect((await holder(join(data, 'run', 'core.lock'))).said).toBe('held')
  expect(takeCoreLock(data)).toBeNull()
})

test('a kill -9 of the holder releases it; the file stays and means nothing', async () => {
  const data = folders.path()
  takeCoreLock(data)?.release()
  const file = join(data, 'run', 'core.lock')
  const other = await holder(file)
  expect(other.said).toBe('held')
  expect(takeCoreLock(data)).toBeNull()
  await other.kill()
  expect(existsSync(file)).toBe(true)
  const mine = takeCoreLock(data)
  expect(mine).not.toBeNull()
  mine?.release()
})

test('any number share, and only the last can have it alone', async () => {
  const file = join(folders.path(), 'users.lock')
  const mine = tryLock(file, 'shared')
  const other = await holder(file, 'shared')
  expect(other.said).toBe('held')
  expect(tryLock(file, 'exclusive')).toBeNull()
  mine?.release()
  expect(tryLock(file, 'exclusive')).toBeNull()
  await other.kill()
  const alone = tryLock(file, 'exclusive')
  expect(alone).not.toBeNull()
  expect(tryLock(file, 'shared')).toBeNull()
  alone?.release()
})

test('waiting ends with the lock, with a sentence, or when the waiter gives up', async () => {
  const file = join(folders.path(), 'start.lock')
  const mine = tryLock(file, 'exclusive')
  const waiting = waitForLock(file, 'exclusive', 10_000, AbortSignal.timeout(60_000))
  await expect(waitForLock(file, 'exclusive', 50, AbortSignal.timeout(60_000))).rejects.toThrow(/another Unjam process/)
  const gaveUp = new AbortController()
  const leaving = waitForLock(file, 'exclusive', 10_000, gaveUp.signal)
  gaveUp.abort()
  await expect(leaving).rejects.toThrow(/aborted/)
  mine?.release()
  const theirs = await waiting
  expect(tryLock(file, 'exclusive')).toBeNull()
  theirs.release()
})

test('a file that is no lock, and a folder that is not there, are named', async () => {
  const folder = folders.path()
  writeFileSync(join(folder, 'x.lock'), 'this is not a database, it is long enough to be looked at '.repeat(20))
  expect(() => tryLock(join(folder, 'x.lock'), 'exclusive')).toThrow(/x\.lock.*Delete that file/)
  expect(() => tryLock(join(folder, 'none', 'y.lock'), 'exclusive')).toThrow(/Open a lock file/)
})

test.skipIf(!canMount())('a full disk is named as what it is; nobody is told to delete a file', () => {
  const disk = disks.mount(64)
  mkdirSync(join(disk.path, 'run'))
  disk.fill()
  expect(() => takeCoreLock(disk.path)).toThrow(/disk is full\. Free space on that disk/)
  disk.free()
  takeCoreLock(disk.path)?.release()
})
