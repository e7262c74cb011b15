// Models: downloaded from a real HTTP server that misbehaves as networks do, imported, and refused when they are none.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { publishedModels } from '../../electron/adapters/model-catalog.ts'
import { checkModelFile, createModelStore } from '../../electron/adapters/model-store.ts'
import { tinyModel } from '../support/tiny-model.ts'

const signal = new AbortController().signal
let folder: string
let bytes: Buffer
let server: Server
let asked: (string | undefined)[]
/** What the server does with one request; the rest of the time it serves the file, with ranges. */
let misbehave: ((request: IncomingMessage, response: ServerResponse) => boolean) | null

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unjam-models-'))
  bytes = await readFile(await tinyModel())
  asked = []
  misbehave = null
  server = createServer((request, response) => {
    asked.push(request.headers.range)
    if (misbehave?.(request, response) === true) return
    serve(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  await rm(folder, { recursive: true })
})

function serve(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  if (from >= bytes.length) response.writeHead(416).end()
  else if (from === 0) response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
  else
    response
      .writeHead(206, {
        'content-length': bytes.length - from,
        'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
      })
      .end(bytes.subarray(from))
}

function store(hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/`) {
  const sha1 = createHash('sha1').update(bytes).digest('hex')
  const models = [
    { name: 'test', fileName: 'ggml-test.bin', bytes: bytes.length, memoryBytes: null, sha1 },
    { name: 'wrong', fileName: 'ggml-wrong.bin', bytes: bytes.length, memoryBytes: null, sha1: '0'.repeat(40) },
  ]
  return createModelStore({ folder, hub, models })
}

/** The sentence of a failed result. */
function because(result: Awaited<ReturnType<ReturnType<typeof store>['download']>>): string {
  if (result.ok) throw new Error(`it worked: ${result.sentence}`)
  return `${result.failure.kind}: ${result.failure.because}`
}

describe('catalogue', () => {
  test('agrees with the table that comes with the whisper.cpp source', async () => {
    const readme = await readFile('node_modules/nodejs-whisper/cpp/whisper.cpp/models/README.md', 'utf8')
    const rows = [...readme.matchAll(/^\| (\S+) +\| ([\d.]+) (MiB|GiB) +\| `([0-9a-f]{40})` \|$/gm)]
    const published = rows.map(([, name, size, unit, sha1]) => ({
      name,
      mib: Math.round(Number(size) * (unit === 'GiB' ? 1024 : 1)),
      sha1,
    }))
    expect(rows.length).toBeGreaterThan(10)
    expect(publishedModels.map(({ name, bytes, sha1 }) => ({ name, mib: bytes / 1024 / 1024, sha1 }))).toEqual(
      published.filter(({ name }) => name !== 'small.en-tdrz'),
    )
  })

  test('says what is here and what is selected', async () => {
    const models = store()
    expect(models.catalog(null).map(({ present }) => present)).toEqual([false, false])
    await writeFile(join(folder, 'ggml-test.bin'), bytes)
    expect(models.catalog('ggml-test.bin')[0]).toMatchObject({ name: 'test', present: true, selected: true })
    expect(models.catalog(join(folder, 'ggml-test.bin'))[0]).toMatchObject({ selected: true })
    expect(models.catalog(null)[0]).toMatchObject({ selected: false })
  })
})

describe('download', () => {
  test('puts the checked file into place and tells how far it is', async () => {
    const models = store()
    const seen: (number | undefined)[] = []
    models.onChange(() => seen.push(models.downloading()?.doneBytes))
    const result = await models.download('test', signal)
    expect(result).toMatchObject({ ok: true, path: join(folder, 'ggml-test.bin') })
    expect(await readFile(join(folder, 'ggml-test.bin'))).toEqual(bytes)
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
    expect(seen[0]).toBe(0)
    expect(models.downloading()).toBeNull()
    expect(models.present()).toEqual([
      { name: 'ggml-test.bin', path: join(folder, 'ggml-test.bin'), bytes: bytes.length },
    ])
    expect((await models.download('ggml-test.bin', signal)).ok).toBe(true)
    expect(asked).toEqual([undefined])
  })

  test('goes on where the connection broke', async () => {
    misbehave = (request, response) => {
      if (asked.length > 2) return false
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
      response.writeHead(from === 0 ? 200 : 206, { 'content-length': bytes.length - from })
      response.write(bytes.subarray(from, from + 1_000_000), () => response.destroy())
      return true
    }
    const result = await store().download('test', signal)
    expect(result.ok).toBe(true)
    expect(asked.length).toBe(3)
    expect(asked[0]).toBeUndefined()
    expect(Number(asked[1]?.slice(6, -1))).toBeGreaterThan(0)
    expect(await readFile(join(folder, 'ggml-test.bin'))).toEqual(bytes)
  })

  test('goes on with the part an earlier process left', async () => {
    await writeFile(join(folder, 'ggml-test.bin.part'), bytes.subarray(0, 1234))
    expect((await store().download('test', signal)).ok).toBe(true)
    expect(asked).toEqual(['bytes=1234-'])
    expect(await readFile(join(folder, 'ggml-test.bin'))).toEqual(bytes)
  })

  test('a part that belongs to something else is thrown away and fetched anew', async () => {
    await writeFile(join(folder, 'ggml-test.bin.part'), Buffer.alloc(5000, 7))
    expect((await store().download('test', signal)).ok).toBe(true)
    expect(asked).toEqual(['bytes=5000-', undefined])
    await rm(join(folder, 'ggml-test.bin'))
    await writeFile(join(folder, 'ggml-test.bin.part'), Buffer.alloc(bytes.length + 10, 7))
    expect((await store().download('test', signal)).ok).toBe(true)
    expect(await readFile(join(folder, 'ggml-test.bin'))).toEqual(bytes)
  })

  test('a server without ranges starts again from the beginning', async () => {
    await writeFile(join(folder, 'ggml-test.bin.part'), bytes.subarray(0, 1234))
    misbehave = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
      return true
    }
    expect((await store().download('test', signal)).ok).toBe(true)
    expect(await readFile(join(folder, 'ggml-test.bin'))).toEqual(bytes)
  })

  test('follows the hub to where the files lie', async () => {
    misbehave = (request, response) => {
      if (request.url?.startsWith('/moved/')) return false
      response.writeHead(302, { location: '/moved/ggml-test.bin' }).end()
      return true
    }
    expect((await store().download('test', signal)).ok).toBe(true)
  })

  test('wrong bytes are refused and leave nothing behind', async () => {
    const models = store()
    expect(because(await models.download('wrong', signal))).toBe(
      'invalid: what arrived is not the published file (its SHA-1 differs)',
    )
    expect(readdirSync(folder).filter((name) => name.startsWith('ggml'))).toEqual([])
    expect(models.downloading()?.failure?.because).toContain('SHA-1')
  })

  test.each([
    [404, 'missing: the hub answered with HTTP 404: it has no such file'],
    [403, 'refused: the hub answered with HTTP 403'],
    [407, 'refused: the hub answered with HTTP 407: the proxy wants a password'],
    [503, 'unreachable: the hub answered with HTTP 503'],
  ])('HTTP %i is named', async (status, sentence) => {
    misbehave = (_, response) => {
      response.writeHead(status).end('no')
      return true
    }
    expect(because(await store().download('test', signal))).toBe(sentence)
    expect(existsSync(join(folder, 'ggml-test.bin'))).toBe(false)
  })

  test('a hub that refuses, one whose name is unknown, and one that always breaks off are told apart', async () => {
    const refusing = createServer()
    await new Promise<void>((done) => refusing.listen(0, '127.0.0.1', done))
    const { port } = refusing.address() as AddressInfo
    await new Promise((done) => refusing.close(done))
    expect(because(await store(`http://127.0.0.1:${port}/`).download('test', signal))).toBe(
      `unreachable: 127.0.0.1:${port} refuses the connection`,
    )
    expect(because(await store('http://no-such-hub.invalid/').download('test', signal))).toMatch(
      /^unreachable: the name no-such-hub\.invalid cannot be resolved/,
    )
    misbehave = (request) => {
      request.socket.destroy()
      return true
    }
    expect(because(await store().download('test', signal))).toMatch(
      /^unreachable: the connection to 127.* keeps breaking$/,
    )
    expect(asked.length).toBe(3)
  })

  test('can be cancelled, keeps what it has, and only one runs at a time', async () => {
    const models = store()
    misbehave = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 500_000))
      return true
    }
    expect(models.cancel()).toBe(false)
    const running = models.download('test', signal)
    await expect.poll(() => models.downloading()?.doneBytes).toBe(500_000)
    expect(models.downloading()).toMatchObject({ name: 'test', totalBytes: bytes.length })
    expect(because(await models.download('wrong', signal))).toBe('busy: another download is running')
    expect(models.cancel()).toBe(true)
    expect(because(await running)).toBe('refused: it was cancelled')
    expect(models.downloading()).toBeNull()
    misbehave = null
    expect((await models.download('test', signal)).ok).toBe(true)
    expect(asked.at(-1)).toMatch(/^bytes=[1-9]\d+-$/)
  })

  test('an unknown name is answered with the known ones, whatever it looks like', async () => {
    const result = await store().download('../../etc/passwd', signal)
    expect(result.ok ? '' : result.failure.remedy).toBe('Choose one of: test, wrong.')
    expect(asked).toEqual([])
  })
})

describe('import', () => {
  test('copies a model under a plain name and knows the published ones', async () => {
    const models = store()
    const elsewhere = await mkdtemp(join(tmpdir(), 'unjam-elsewhere-'))
    const path = join(elsewhere, 'Mein Modell ü.bin')
    await writeFile(path, bytes)
    expect(await models.import(path, signal)).toMatchObject({ ok: true, path: join(folder, 'ggml-test.bin') })
    expect(await readFile(join(folder, 'ggml-test.bin'))).toEqual(bytes)
    expect(await readFile(path)).toEqual(bytes)
    await models.import(path, signal)
    expect(models.present()).toHaveLength(1)

    const other = Buffer.from(bytes)
    other.writeFloatLE(0.5, other.length - 4)
    await writeFile(path, other)
    expect(await models.import(path, signal)).toMatchObject({ ok: true, path: join(folder, 'Mein_Modell_.bin') })
    expect(models.present()).toHaveLength(2)
    await rm(elsewhere, { recursive: true })
  })

  test('what is not a whole model is refused with its reason, and nothing is copied', async () => {
    const models = store()
    const source = await mkdtemp(join(tmpdir(), 'unjam-elsewhere-'))
    const path = join(source, 'x.bin')
    const cases: [Buffer | null, RegExp][] = [
      [null, /^missing: it is not there$/],
      [Buffer.alloc(0), /^invalid: it is empty$/],
      [Buffer.from('hello'), /not a whisper\.cpp model/],
      [Buffer.from(`GGUF${'x'.repeat(100)}`), /GGUF model for other programs/],
      [Buffer.from(`<!DOCTYPE html>${'x'.repeat(100)}`), /web page/],
      [Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}`), /Git LFS pointer/],
      [Buffer.from(`PK\u0003\u0004${'x'.repeat(100)}`), /zip or PyTorch/],
      [Buffer.concat([Buffer.from('lmgg'), Buffer.alloc(100, 1)]), /ggml file, but not a Whisper model/],
      [bytes.subarray(0, bytes.length - 1000), /cut off/],
      [bytes.subarray(0, 100), /cut off/],
      [Buffer.concat([bytes, Buffer.from('more')]), /cut off/],
    ]
    for (const [content, sentence] of cases) {
      if (content !== null) await writeFile(path, content)
      expect(because(await models.import(path, signal))).toMatch(sentence)
    }
    expect(because(await models.import(source, signal))).toMatch(/it is a folder/)
    expect(readdirSync(folder)).toEqual([])
    await rm(source, { recursive: true })
  })
})

describe('resolve', () => {
  test('a name in the folder, a path, the last one added, or nothing', async () => {
    const models = store()
    expect(models.resolve(null)).toBeNull()
    await writeFile(join(folder, 'a.bin'), bytes)
    await writeFile(join(folder, 'b.bin'), 'no model')
    expect(models.resolve('a.bin')).toBe(join(folder, 'a.bin'))
    expect(models.resolve('b.bin')).toBeNull()
    expect(models.resolve('../../a.bin')).toBe(join(folder, 'a.bin'))
    expect(models.resolve(join(folder, 'b.bin'))).toBeNull()
    expect(models.resolve(null)).toBe(join(folder, 'a.bin'))
  })

  test('checkModelFile accepts a model and names what is none', async () => {
    const path = join(folder, 'a.bin')
    await writeFile(path, bytes)
    expect(() => checkModelFile(path)).not.toThrow()
    await truncate(path, 10)
    expect(() => checkModelFile(path)).toThrow('Read the model (a.bin): it is not a whisper.cpp model (ggml).')
  })
})
