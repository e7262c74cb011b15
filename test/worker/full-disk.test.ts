// A full disk under a worker: jobs wait, no retry is used, no chunk failure is counted, and no sound is lost.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CannotWork } from '../../worker/check-tools.ts'
import { checkRoom, machineTrouble } from '../../worker/machine-trouble.ts'
import { createWav } from '../../worker/wav.ts'
import { everySecond, scriptedEngine } from '../support/scripted-engine.ts'
import { canMount, smallDisks } from '../support/small-disk.ts'
import { type Stage, setStage } from './cast.ts'
import { configFor, hire, type Workplace, workplace } from './hired.ts'

let stage: Stage
let place: Workplace
const disks = smallDisks()
beforeEach(async () => {
  stage = await setStage()
  place = workplace()
})
afterEach(async () => {
  disks.remove()
  place.clear()
  await stage.drop()
})
const words = everySecond(1)
const failures = () => stage.rows('SELECT start_ms FROM unjam.chunk WHERE failures > 0')

test('a result that was cut off is made again, uncounted and as it was; the job ends whole', async () => {
  const { engine, runs } = await scriptedEngine({ words, rules: [{ atMs: 15_000, does: 'half', times: 4 }] })
  const id = await stage.add('long', { file_path: await place.tone('long', 30) })
  const worker = hire(await configFor(place, stage.url, engine, { drain: true, maxRetries: 0 }))
  expect(await worker.ended).toBe('drained')
  expect(await stage.row(id)).toEqual({ status: 'done', retries: 0, error: null })
  expect(runs().map(({ startMs }) => startMs)).toEqual([0, 10_000, 10_000, 10_000, 10_000, 10_000, 20_000])
  expect(await failures()).toEqual([])
  expect(await stage.attempts(id)).toMatchObject([{ outcome: 'done' }])
  expect(worker.log().filter((message) => message.includes('no failure is counted'))).toHaveLength(4)
})

test('an engine that never writes a whole result fails its job in the end: the queue continues', async () => {
  const { engine } = await scriptedEngine({ words, rules: [{ atMs: 5000, does: 'half' }] })
  const id = await stage.add('long', { file_path: await place.tone('long', 15) })
  const other = await stage.add('other', { file_path: await place.tone('other', 3) })
  const worker = hire(await configFor(place, stage.url, engine, { drain: true }))
  expect(await worker.ended).toBe('drained')
  expect([(await stage.row(id)).status, (await stage.row(other)).status]).toEqual(['failed', 'done'])
})

describe.skipIf(!canMount())('on a disk of its own', () => {
  test('a job waits without a retry while it is full, and is done when there is room', async () => {
    const disk = disks.mount(2048)
    const { engine } = await scriptedEngine({ words })
    const id = await stage.add('long', { file_path: await place.tone('long', 30) })
    const config = { ...(await configFor(place, stage.url, engine, { drain: true, maxRetries: 0 })) }
    const scratch = join(disk.path, 'scratch')
    for (let times = 0; times < 3; times++) {
      disk.fill()
      const worker = hire({ ...config, scratch })
      const failure = await worker.ended.catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(CannotWork)
      expect(String(failure)).toMatch(
        /The disk of the scratch folder .* is full \(ENOSPC\)\. Jobs wait and use no retry/,
      )
      expect(await stage.row(id)).toEqual({ status: 'queued', retries: 0, error: null })
      disk.free()
    }
    const worker = hire({ ...config, scratch })
    expect(await worker.ended).toBe('drained')
    expect(await stage.row(id)).toEqual({ status: 'done', retries: 0, error: null })
    expect(await failures()).toEqual([])
  })

  test('whisper.cpp failing for want of room is the disk, whatever it exits with', async () => {
    const disk = disks.mount(2048)
    const { engine } = await scriptedEngine({ words, rules: [{ atMs: 5000, does: 'fail', because: 'no room' }] })
    const id = await stage.add('long', { file_path: await place.tone('long', 6) })
    const filling = `${engine}.filling.mjs`
    // Fills the disk as the recording's last act, then fails as an engine does whose result does not fit.
    const program = readFileSync(engine, 'utf8').replace(
      'await run(',
      `import { appendFileSync } from 'node:fs'
for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) for (;;) {
  try { appendFileSync(${JSON.stringify(join(disk.path, '.filler'))}, Buffer.alloc(bytes)) } catch { break }
}
await run(`,
    )
    writeFileSync(filling, program, { mode: 0o755 })
    const config = await configFor(place, stage.url, filling, { drain: true, maxRetries: 0 })
    const worker = hire({ ...config, scratch: join(disk.path, 'scratch') })
    await expect(worker.ended).rejects.toThrow(/is full \(ENOSPC\)/)
    expect(await stage.row(id)).toEqual({ status: 'queued', retries: 0, error: null })
    expect(await failures()).toEqual([])
  })

  test('a write that the disk takes in part is an error, never a hole in the sound', async () => {
    const disk = disks.mount(100)
    const wav = await createWav(join(disk.path, 'chunk.wav'))
    const filling = (async () => {
      for (let second = 0; second < 10; second++) await wav.write(new Int16Array(16_000).fill(7))
    })()
    const failure = await filling.catch((error: unknown) => error)
    expect(machineTrouble(failure, disk.path)).toContain('is full (ENOSPC)')
    await wav.abandon()
    expect(
      readFileSync(join(disk.path, 'chunk.wav'))
        .subarray(44)
        .every((byte, at) => byte === (at % 2 === 0 ? 7 : 0)),
    ).toBe(true)
  })

  test('the room is probed, and the probe leaves nothing', async () => {
    const disk = disks.mount(1024)
    await checkRoom(disk.path)
    disk.fill()
    await expect(checkRoom(disk.path)).rejects.toThrow(/ENOSPC/)
    disk.free()
    await checkRoom(disk.path)
  })
})

test('machine trouble is found behind other errors, and nothing else is taken for it', () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  expect(machineTrouble(new Error('whisper.cpp', { cause: full }), '/s')).toContain('is full (ENOSPC)')
  for (const code of ['EDQUOT', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM'])
    expect(machineTrouble(Object.assign(new Error(code), { code }), '/s'), code).toContain(`(${code})`)
  for (const code of ['ENOENT', 'EACCES', 'EISDIR', '53100', 'ERR_INVALID_ARG_TYPE'])
    expect(machineTrouble(Object.assign(new Error(code), { code }), '/s'), code).toBeNull()
  expect(machineTrouble('ENOSPC', '/s')).toBeNull()
})
