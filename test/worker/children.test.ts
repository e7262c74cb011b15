// Children: killed with their whole tree, recorded while they live, taken along or swept when their owner is gone.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownChildren, processStart, sweepChildren } from '../../worker/children.ts'

let folder: string
let ledger: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unjam-children-'))
  ledger = join(folder, 'ledger', `${process.pid}.json`)
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

/** A child that has a child of its own and tells its pid; both run until killed. */
const family = [
  '-e',
  `const c = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' }); console.log(c.pid); setInterval(() => {}, 1e9)`,
]
const alive = (pid: number) => processStart(pid) !== null

test('output and exit code come through; the ledger is there only meanwhile', async () => {
  const children = ownChildren(ledger)
  const child = children.spawn(process.execPath, ['-e', 'console.log("out"); console.error("err"); process.exit(7)'], {
    cwd: folder,
  })
  const recorded = JSON.parse(readFileSync(ledger, 'utf8'))
  expect(recorded).toEqual({
    owner: { pid: process.pid, start: processStart(process.pid) },
    children: [{ pid: child.pid, start: expect.any(String) }],
  })
  const [out, err] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()])
  expect([out.join(''), err.join('')]).toEqual(['out\n', 'err\n'])
  expect(await child.exited).toEqual({ code: 7, signal: null })
  expect(existsSync(ledger)).toBe(false)
})

test('runs in its folder with a plain environment and what was added to it', async () => {
  process.env.NODE_OPTIONS_OF_A_TEST = 'leaks'
  const child = ownChildren(ledger).spawn(
    process.execPath,
    ['-p', '[process.cwd(), process.env.ADDED, process.env.NODE_OPTIONS_OF_A_TEST, typeof process.env.PATH].join()'],
    { cwd: folder, env: { ADDED: 'yes' } },
  )
  delete process.env.NODE_OPTIONS_OF_A_TEST
  expect((await child.stdout.toArray()).join('').trim()).toBe(`${folder},yes,,string`)
  await child.exited
})

test('kill ends the whole tree, even when nobody reads its output', async () => {
  const children = ownChildren(ledger)
  const child = children.spawn(process.execPath, family, { cwd: folder })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const grandchild = Number(line.toString())
  expect([alive(child.pid), alive(grandchild)]).toEqual([true, true])
  await child.kill()
  await expect.poll(() => [alive(child.pid), alive(grandchild)]).toEqual([false, false])
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' })
  await child.kill()
})

test('killAll ends every child; one that had ended is no trouble', async () => {
  const children = ownChildren(ledger)
  const ended = children.spawn(process.execPath, ['-e', ''], { cwd: folder })
  const two = [1, 2].map(() => children.spawn('sleep', ['1000'], { cwd: folder }))
  ended.stdout.resume()
  ended.stderr.resume()
  await ended.exited
  await children.killAll()
  expect(two.map(({ pid }) => alive(pid))).toEqual([false, false])
  expect(existsSync(ledger)).toBe(false)
})

test('a program that is not there', async () => {
  const children = ownChildren(ledger)
  const started = async () => {
    const child = children.spawn(join(folder, 'nothing'), [], { cwd: folder })
    child.stdout.resume()
    child.stderr.resume()
    return (await child.exited).code
  }
  // Started through setpriv it is setpriv's exit code, without it the spawn itself throws.
  expect(await started().catch((error: Error) => error.message)).toSatisfy(
    (told) => told === 127 || /could not be started/.test(String(told)),
  )
})

/** A process that owns a sleeping child, both told apart by pid; `tied` leaves the death signal on. */
async function ownerWithChild(): Promise<{ owner: ReturnType<typeof spawn>; child: number }> {
  const script = `import { ownChildren } from ${JSON.stringify(new URL('../../worker/children.ts', import.meta.url).href)}
    const child = ownChildren(${JSON.stringify(join(folder, 'ledger', 'owner.json'))}).spawn('sleep', ['1000'], { cwd: ${JSON.stringify(folder)} })
    console.log(child.pid)
    setInterval(() => {}, 1e9)`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(owner.stdout!, 'data')) as [Buffer]
  return { owner, child: Number(line.toString()) }
}

test.runIf(process.platform === 'linux')('kill -9 of the owner takes the child along at once', async () => {
  const { owner, child } = await ownerWithChild()
  // setpriv asks for the death signal and then becomes the program; before that only a sweep ends it.
  await expect.poll(() => readFileSync(`/proc/${child}/comm`, 'utf8').trim()).toBe('sleep')
  owner.kill('SIGKILL')
  await expect.poll(() => alive(child)).toBe(false)
})

/** A process group of its own, as a child of `owner` would be; without an owner, any other program of this account. */
function sleeper(owner?: { pid: number; start: string | null }) {
  const mark = owner === undefined ? {} : { UNJAM_CHILD_OF: `${owner.pid}/${owner.start ?? ''}` }
  return spawn('sleep', ['1000'], { detached: true, stdio: 'ignore', env: { PATH: process.env.PATH, ...mark } })
}
const seen = (pid: number) => ({ pid, start: processStart(pid) })

test('a sweep kills what a dead owner left, and nothing else', async () => {
  const exited = { pid: 2 ** 22 + 1, start: 'long ago' }
  const self = seen(process.pid)
  const [left, other, owned, foreign, another] = [
    sleeper(exited),
    sleeper(exited),
    sleeper(self),
    sleeper(),
    sleeper({ ...exited, start: 'before' }),
  ]
  const kept = [other, owned, foreign, another].map(({ pid }) => pid!)
  try {
    const folderOfLedgers = join(folder, 'ledger')
    await sweepChildren(folderOfLedgers)
    const write = (name: string, value: unknown) =>
      writeFileSync(join(folderOfLedgers, name), typeof value === 'string' ? value : JSON.stringify(value))
    // `other`: its pid went to another process since, so the start time does not match.
    write('dead.json', {
      owner: exited,
      children: [seen(left.pid!), { pid: other.pid, start: 'another time' }, exited],
    })
    // Right pid and start time, but not started by that owner: the program of somebody else, and another owner's child.
    write('forged.json', {
      owner: exited,
      children: [seen(foreign.pid!), seen(another.pid!), self, seen(process.ppid)],
    })
    for (const [index, pid] of [-1, 0, 1, -foreign.pid!, 1.5, '../1', null].entries())
      write(`pid-${index}.json`, { owner: exited, children: [{ pid, start: null }, seen(foreign.pid!)] })
    write('alive.json', { owner: self, children: [seen(owned.pid!)] })
    write('broken.json', '{"owner"')
    expect(await sweepChildren(folderOfLedgers)).toBe(1)
    expect(alive(left.pid!)).toBe(false)
    expect(kept.map(alive)).toEqual(kept.map(() => true))
    expect(readdirSync(folderOfLedgers)).toEqual(['alive.json'])
    expect(await sweepChildren(folderOfLedgers)).toBe(0)
  } finally {
    for (const pid of [left.pid!, ...kept]) if (alive(pid)) process.kill(pid, 'SIGKILL')
  }
})

test.skipIf(process.platform === 'win32')('a sweep removes no file outside its folder', async () => {
  const outside = join(folder, 'outside')
  const ledgers = join(folder, 'ledgers')
  for (const path of [outside, ledgers]) mkdirSync(path)
  writeFileSync(join(outside, 'package.json'), '{}')
  symlinkSync(outside, join(folder, 'linked'))
  symlinkSync(join(outside, 'package.json'), join(ledgers, 'linked.json'))
  mkdirSync(join(ledgers, 'folder.json'))
  for (const path of [join(folder, 'linked'), ledgers]) expect(await sweepChildren(path)).toBe(0)
  expect(readFileSync(join(outside, 'package.json'), 'utf8')).toBe('{}')
  expect(readdirSync(ledgers).sort()).toEqual(['folder.json', 'linked.json'])
})

test.runIf(process.platform === 'linux')('a child that cannot be recorded does not stay', async () => {
  writeFileSync(join(folder, 'file'), '')
  // The ledger's folder is a file, as a full disk refuses the write.
  const children = ownChildren(join(folder, 'file', 'own.json'))
  const name = join(folder, 'only-this-child')
  expect(() => children.spawn('tail', ['-f', '/dev/null', '--', name], { cwd: folder })).toThrow(/EEXIST|ENOTDIR/)
  const running = () =>
    readdirSync('/proc').filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(name)
      } catch {
        return false
      }
    })
  await expect.poll(running).toEqual([])
})
