// Decoding: chunks hold exactly the recording's samples, resume where they stopped, and bad files get their sentence.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BadInput } from '../../worker/bad-input.ts'
import { type ChunkAudio, cutChunks, probe } from '../../worker/decode.ts'
import { type AudioFormat, type Part, pcm, wavHeader, writeAudio, writeSilentVideo } from '../support/audio.ts'

const signal = new AbortController().signal
let folder: string
let scratch: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unjam-decode-'))
  scratch = join(folder, 'scratch')
  await writeAudio(join(folder, 'talk.wav'), talk, { format: 'wav' })
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

const speech = (seconds: number): Part[] => [{ noise: 0.2, ms: seconds * 1000 }]
const pause = (ms: number): Part[] => [{ silence: true, ms }]
/** Three pauses in 50 s; cut at 20 s: near 19 s and near 39.5 s. */
const talk = [...speech(19), ...pause(600), ...speech(19.9), ...pause(500), ...speech(10)]

type Kept = ChunkAudio & { samples: Int16Array }
async function cut(path: string, options: { fromMs?: number; chunkMs: number }): Promise<Kept[]> {
  const kept: Kept[] = []
  for await (const chunk of cutChunks(path, { fromMs: 0, durationMs: null, scratch, signal, ...options }))
    kept.push({ ...chunk, samples: samplesOf(chunk.wav) })
  return kept
}

function samplesOf(wav: string): Int16Array {
  const bytes = readFileSync(wav)
  const samples = (bytes.length - 44) / 2
  expect(bytes.subarray(0, 44)).toEqual(wavHeader(samples, 16_000))
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length))
}
const spans = (chunks: readonly ChunkAudio[]) => chunks.map(({ startMs, endMs }) => [startMs, endMs])
const joined = (blocks: Iterable<Int16Array>) => Int16Array.from([...blocks].flatMap((block) => [...block]))

async function sentence(path: string): Promise<string> {
  try {
    await cut(path, { chunkMs: 60_000 })
  } catch (error) {
    expect(error).toBeInstanceOf(BadInput)
    return (error as Error).message
  }
  throw new Error(`${path} was accepted`)
}

describe('chunks', () => {
  test('are cut in the pauses and together are the recording, sample for sample', async () => {
    const chunks = await cut(join(folder, 'talk.wav'), { chunkMs: 20_000 })
    expect(chunks.map(({ silent, last }) => ({ silent, last }))).toEqual([
      { silent: false, last: false },
      { silent: false, last: false },
      { silent: false, last: true },
    ])
    expect(chunks[0]!.endMs).toBeGreaterThan(19_000)
    expect(chunks[0]!.endMs).toBeLessThan(19_600)
    expect(chunks[1]!.endMs).toBeGreaterThan(39_500)
    expect(chunks[1]!.endMs).toBeLessThan(40_000)
    expect(chunks[2]!.endMs).toBe(50_000)
    expect(joined(chunks.map(({ samples }) => samples))).toEqual(joined(pcm(talk, 16_000)))
    expect(chunks.every(({ endMs, audioEndMs }) => endMs === audioEndMs)).toBe(true)
  })

  test('without a pause are cut at the target, and the first hears two seconds of the next', async () => {
    const parts = speech(30)
    const path = await writeAudio(join(folder, 'loud.wav'), parts, { format: 'wav' })
    const chunks = await cut(path, { chunkMs: 20_000 })
    expect(chunks.map(({ startMs, endMs, audioEndMs }) => [startMs, endMs, audioEndMs])).toEqual([
      [0, 20_000, 22_000],
      [20_000, 30_000, 30_000],
    ])
    const all = joined(pcm(parts, 16_000))
    expect(chunks[0]!.samples).toEqual(all.slice(0, 22_000 * 16))
    expect(chunks[1]!.samples).toEqual(all.slice(20_000 * 16))
  })

  test('a rest shorter than five seconds belongs to the chunk before it', async () => {
    const path = await writeAudio(join(folder, 'rest.wav'), speech(24), { format: 'wav' })
    expect(spans(await cut(path, { chunkMs: 20_000 }))).toEqual([[0, 24_000]])
  })

  test('a silent chunk is marked', async () => {
    const path = await writeAudio(join(folder, 'half.wav'), [...speech(19), ...pause(21_000)], { format: 'wav' })
    expect((await cut(path, { chunkMs: 20_000 })).map(({ silent }) => silent)).toEqual([false, true])
  })

  test('a chunk length that is no whole number of anything still gives whole chunks', async () => {
    const chunks = await cut(join(folder, 'talk.wav'), { chunkMs: 12_345.67 })
    expect(joined(chunks.map(({ samples, startMs, endMs }) => samples.slice(0, (endMs - startMs) * 16)))).toEqual(
      joined(pcm(talk, 16_000)),
    )
  })

  test.each<[AudioFormat, number]>([
    ['wav', 44_100],
    ['m4a', 44_100],
    ['mp3', 48_000],
    ['ogg', 48_000],
    ['flac', 22_050],
    ['mkv', 48_000],
  ])('%s at %i Hz: going on from a chunk gives the same samples as never having stopped', async (format, rate) => {
    const path = await writeAudio(join(folder, `resume.${format}`), talk, { format, rate })
    const all = await cut(path, { chunkMs: 20_000 })
    expect(all.length).toBe(3)
    expect(all.at(-1)!.endMs).toBeGreaterThan(49_900)
    expect(all.at(-1)!.endMs).toBeLessThan(50_150)
    const rest = await cut(path, { fromMs: all[0]!.endMs, chunkMs: 20_000 })
    expect(spans(rest)).toEqual(spans(all.slice(1)))
    for (const [i, chunk] of rest.entries()) expect(chunk.samples).toEqual(all[i + 1]!.samples)
    expect((await probe(path, signal)).durationMs).toBeGreaterThan(49_900)
  })

  test('one is ahead, never two, and nothing is left on disk', async () => {
    const path = join(folder, 'talk.wav')
    const chunks = cutChunks(path, { fromMs: 0, chunkMs: 10_000, durationMs: null, scratch, signal })
    const first = (await chunks.next()).value as ChunkAudio
    const own = join(first.wav, '../..')
    await expect.poll(() => readdirSync(own).length).toBeGreaterThan(1)
    const seen = readdirSync(own).sort()
    expect(seen[0]).toBe('0000000000')
    const second = (await chunks.next()).value as ChunkAudio
    expect(existsSync(first.wav)).toBe(false)
    expect(statSync(second.wav).size).toBeGreaterThan(44)
    // While the first was in use the second was finished and the third at most begun: 44 bytes of header and less than needed.
    expect(seen.length).toBeLessThanOrEqual(2)
    await chunks.return()
    expect(readdirSync(scratch)).toEqual([])
  })

  test('stopping midway ends the decoding and removes its files', async () => {
    const stop = new AbortController()
    const chunks = cutChunks(join(folder, 'talk.wav'), {
      fromMs: 0,
      chunkMs: 10_000,
      durationMs: null,
      scratch,
      signal: stop.signal,
    })
    await chunks.next()
    stop.abort(new Error('enough'))
    await expect(chunks.next()).rejects.toThrow('enough')
    expect(readdirSync(scratch)).toEqual([])
  })

  test('names with spaces, quotes, %, other scripts, a colon and 250 characters', async () => {
    const names = ['a b.wav', `it's "so".wav`, '100%d %s.wav', 'Größe 録音.wav', 'http:x.wav', `${'x'.repeat(246)}.wav`]
    for (const name of names) {
      await copyFile(join(folder, 'talk.wav'), join(folder, name))
      expect((await cut(join(folder, name), { chunkMs: 60_000 })).length).toBe(1)
    }
  })

  test('a hole in the recording becomes silence, so that what follows keeps its place', async () => {
    const path = await writeAudio(
      join(folder, 'hole.mkv'),
      [
        { noise: 0.2, ms: 3000 },
        { skip: true, ms: 4000 },
        { noise: 0.2, ms: 3000 },
      ],
      { format: 'mkv' },
    )
    const [chunk] = await cut(path, { chunkMs: 60_000 })
    expect(chunk!.endMs).toBeGreaterThan(9900)
    expect(chunk!.endMs).toBeLessThan(10_100)
    expect(Math.max(...chunk!.samples.subarray(3500 * 16, 6500 * 16))).toBe(0)
    expect(Math.max(...chunk!.samples.subarray(7500 * 16, 9500 * 16))).toBeGreaterThan(1000)
  })
})

describe('an hour', () => {
  let path: string
  beforeAll(async () => {
    path = join(folder, 'hour.wav')
    await writeFile(path, wavHeader(3600 * 16_000, 16_000))
    await truncate(path, 44 + 3600 * 32_000)
  })

  test('of silence is told in bounded memory, without stopping the clock', async () => {
    const delays = monitorEventLoopDelay({ resolution: 10 })
    delays.enable()
    let most = 0
    const found: boolean[] = []
    const before = process.memoryUsage().rss
    for await (const { silent } of cutChunks(path, {
      fromMs: 0,
      chunkMs: 600_000,
      durationMs: null,
      scratch,
      signal,
    })) {
      found.push(silent)
      most = Math.max(most, process.memoryUsage().rss - before)
    }
    delays.disable()
    expect(found).toEqual([true, true, true, true, true, true])
    expect(most).toBeLessThan(150 * 1024 * 1024)
    // An hour at once would be one pause of seconds; what a busy machine adds is not ours.
    expect(delays.percentile(99) / 1e6).toBeLessThan(500)
  })
})

describe('bad input', () => {
  test('zero bytes', async () => {
    const path = join(folder, 'empty.mp3')
    await writeFile(path, '')
    expect(await sentence(path)).toMatch(/^"empty\.mp3" is empty \(0 bytes\)/)
  })

  test('text named .m4a, and other things that are no recordings', async () => {
    await writeFile(join(folder, 'notes.m4a'), 'Dear diary,\n'.repeat(100))
    await writeFile(join(folder, 'page.mp3'), '<!doctype html><p>Not found')
    await writeFile(join(folder, 'noise.wav'), Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)))
    for (const name of ['notes.m4a', 'page.mp3', 'noise.wav'])
      expect(await sentence(join(folder, name))).toMatch(new RegExp(`^"${name}" (is not audio|holds no audio)`))
  })

  test('a playlist does not open what it names', async () => {
    const path = join(folder, 'list.m3u8')
    await writeFile(
      path,
      `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${join(folder, 'talk.wav')}\n#EXT-X-ENDLIST\n`,
    )
    expect(await sentence(path)).toMatch(/^"list\.m3u8" is (a playlist|not audio)/)
  })

  test('an m4a whose end is missing, with its index at the end or at the beginning', async () => {
    const whole = await writeAudio(join(folder, 'whole.m4a'), speech(30), { format: 'm4a' })
    const { size } = statSync(whole)
    const path = join(folder, 'cut.m4a')
    await copyFile(whole, path)
    await truncate(path, Math.round(size * 0.6))
    expect(await sentence(path)).toMatch(/^"cut\.m4a" is not audio or video that can be read .*truncated/)

    const fast = await writeAudio(join(folder, 'fast.m4a'), speech(30), { format: 'm4a', indexFirst: true })
    await truncate(fast, Math.round(size * 0.6))
    expect(await sentence(fast)).toMatch(/^"fast\.m4a" is cut off: its index promises 30 seconds/)
    await expect(probe(fast, signal)).rejects.toThrow(/is cut off/)
  })

  test('a video without sound', async () => {
    const path = await writeSilentVideo(join(folder, 'film.mp4'))
    expect(await sentence(path)).toMatch(/^"film\.mp4" is a video without any sound/)
  })

  test('a file that is gone, a folder', async () => {
    expect(await sentence(join(folder, 'gone.wav'))).toMatch(/^"gone\.wav" is no longer there/)
    await mkdir(join(folder, 'folder.wav'))
    expect(await sentence(join(folder, 'folder.wav'))).toMatch(/^"folder\.wav" is a folder/)
  })

  test('a file without permission', async () => {
    const path = join(folder, 'secret.wav')
    await copyFile(join(folder, 'talk.wav'), path)
    await chmod(folder, 0o755)
    await chmod(path, 0)
    // Permissions do not bind root: as root the test looks through another account's eyes.
    const root = process.getuid?.() === 0
    if (root) process.seteuid?.(65_534)
    try {
      await expect(probe(path, signal)).rejects.toThrow(/^"secret\.wav" may not be read by this account/)
    } finally {
      if (root) process.seteuid?.(0)
    }
  })

  test('less than a tenth of a second of sound, and a header without any', async () => {
    const path = await writeAudio(join(folder, 'blip.wav'), [{ tone: 440, ms: 80 }], { format: 'wav' })
    expect(await sentence(path)).toMatch(/^"blip\.wav" holds only 80 ms of sound/)
    await writeFile(join(folder, 'bare.wav'), wavHeader(0, 16_000))
    expect(await sentence(join(folder, 'bare.wav'))).toMatch(/^"bare\.wav" /)
  })

  test('a tenth of a second is enough', async () => {
    const path = await writeAudio(join(folder, 'short.wav'), [{ tone: 440, ms: 120 }], { format: 'wav' })
    expect(spans(await cut(path, { chunkMs: 60_000 }))).toEqual([[0, 120]])
  })

  test('broken stretches in the middle are passed over', async () => {
    const path = await writeAudio(join(folder, 'scratched.mp3'), speech(20), { format: 'mp3' })
    const file = await open(path, 'r+')
    await file.write(Buffer.alloc(3000, 0x55), 0, 3000, 50_000)
    await file.close()
    const [chunk] = await cut(path, { chunkMs: 60_000 })
    expect(chunk!.endMs).toBeGreaterThan(18_000)
  })

  test('a WAV whose header was never filled in, as a crashed recorder leaves it', async () => {
    const path = join(folder, 'crashed.wav')
    const bytes = await readFile(join(folder, 'talk.wav'))
    bytes.writeUInt32LE(0xffffffff, 4)
    bytes.writeUInt32LE(0xffffffff, 40)
    await writeFile(path, bytes)
    expect((await cut(path, { chunkMs: 60_000 })).at(-1)!.endMs).toBe(50_000)
  })
})
