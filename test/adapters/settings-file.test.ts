// settings.json: nothing in it is ever lost, wrong values are named, secrets are shown to nobody.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { maskSecrets, openSettings } from '../../electron/adapters/settings-file.ts'
import { MASK } from '../../electron/contract/secrets/mask.ts'
import { Settings } from '../../electron/contract/settings.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterEach(() => folders.remove())

function withFile(content: unknown) {
  const data = folders.path()
  const file = join(data, 'settings.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return { data, file, read: () => JSON.parse(readFileSync(file, 'utf8')) }
}

describe('reading', () => {
  test('no file: the defaults, and none is written', () => {
    const data = folders.path()
    const settings = openSettings(data)
    expect(settings.get()).toEqual(Settings.parse({}))
    expect(settings.notices).toEqual([])
    expect(readdirSync(data)).toEqual([])
  })

  test.each(['{"theme": "dark"', '', '[]', '"text"', 'null', '\0\0\0'])(
    'a corrupt file (%j) is set aside whole',
    (text) => {
      const { data, file } = withFile(text)
      const settings = openSettings(data)
      expect(settings.get()).toEqual(Settings.parse({}))
      const aside = readdirSync(data).find((name) => /^settings\.json\.corrupt-\d{4}-\d\d-\d\dT/.test(name))
      expect(readFileSync(join(data, aside ?? ''), 'utf8')).toBe(text)
      expect(existsSync(file)).toBe(false)
      expect(settings.notices).toEqual([expect.stringContaining(`set aside as ${join(data, aside ?? '')}`)])
    },
  )

  test('a byte order mark, as Windows editors write it, is no corruption', () => {
    const { data } = withFile('\uFEFF{"theme":"dark"}')
    expect(openSettings(data).get().theme).toBe('dark')
  })

  test('each wrong value is named with its path and what is allowed; the rest is used', () => {
    const content = {
      theme: 'dark',
      heartbeatLimitMinutes: -1,
      worker: { slots: 100, chunkMinutes: 'ten', overMaxDuration: 'explode', language: 'de', model: 3 },
      systems: [
        { id: 'rec', kind: 'recordings', database: 'mysql://user:hunter2@h/db' },
        { id: 'local', kind: 'local' },
        { id: 'x', kind: 'nonsense' },
        { id: 'local', kind: 'local', note: 'again' },
      ],
    }
    const { data, read } = withFile(content)
    const settings = openSettings(data)
    const { worker, systems, theme } = settings.get()
    expect({ theme, slots: worker.slots, language: worker.language }).toEqual({
      theme: 'dark',
      slots: null,
      language: 'de',
    })
    expect(systems.map(({ id }) => id)).toEqual(['local'])
    const said = settings.notices.join('\n')
    expect(said).toContain('worker.slots is 100 and must be a whole number from 1 to 64, or null.')
    expect(said).toContain('worker.chunkMinutes is "ten" and must be a number from 1 to 120.')
    expect(said).toContain('worker.overMaxDuration is "explode" and must be one of skip, fail.')
    expect(said).toContain('worker.model is 3 and must be text, or null.')
    expect(said).toContain('heartbeatLimitMinutes is -1 and must be a number above 0.')
    expect(said).toContain('systems[0].database must be env:NAME, secret:NAME, or a URL beginning with postgres://')
    expect(said).toContain('systems[2].kind must be one of local, recordings, crawl, qc.')
    expect(said).toContain('two systems are called "local"')
    expect(said).not.toContain('hunter2')
    expect(read()).toEqual(content)
  })
})

describe('writing', () => {
  test('a patch changes what it names; unknown keys, wrong values and their neighbours stay', async () => {
    const { data, read } = withFile({
      future: { a: [1, { b: null }] },
      worker: { slots: 100, threads: 4, newer: true },
      systems: [{ id: 'local', kind: 'local', colour: 'red' }],
    })
    const settings = openSettings(data)
    const after = await settings.update({ worker: { threads: 2 }, theme: 'light' })
    expect(after.worker.threads).toBe(2)
    expect(settings.get()).toBe(after)
    expect(read()).toEqual({
      future: { a: [1, { b: null }] },
      worker: { slots: 100, threads: 2, newer: true },
      systems: [{ id: 'local', kind: 'local', colour: 'red' }],
      theme: 'light',
    })
  })

  test('a patch with a wrong value is refused whole, with the range', async () => {
    const { data, read } = withFile({ theme: 'dark' })
    const settings = openSettings(data)
    await expect(settings.update({ theme: 'light', worker: { slots: 65 } })).rejects.toThrow(
      'worker.slots is 65 and must be a whole number from 1 to 64, or null',
    )
    expect(read()).toEqual({ theme: 'dark' })
    expect(settings.get().theme).toBe('dark')
  })

  test('what an administrator edited meanwhile is kept', async () => {
    const { data, file, read } = withFile({ theme: 'dark' })
    const settings = openSettings(data)
    writeFileSync(file, JSON.stringify({ theme: 'dark', heartbeatLimitMinutes: 30 }))
    await settings.update({ theme: 'light' })
    expect(read()).toEqual({ theme: 'light', heartbeatLimitMinutes: 30 })
    expect(settings.get().heartbeatLimitMinutes).toBe(30)
  })

  test('a file that became corrupt meanwhile is set aside, and what was known is written', async () => {
    const { data, file, read } = withFile({ theme: 'dark', unknown: 1 })
    const settings = openSettings(data)
    writeFileSync(file, '{"theme": "da')
    await settings.update({ heartbeatLimitMinutes: 20 })
    expect(read()).toEqual({ theme: 'dark', unknown: 1, heartbeatLimitMinutes: 20 })
    expect(settings.notices).toHaveLength(1)
    expect(readdirSync(data).some((name) => name.includes('.corrupt-'))).toBe(true)
  })

  test('many at once all stay, listeners hear each, and a failed one stops no other', async () => {
    const data = folders.path()
    const settings = openSettings(data)
    let heard = 0
    const leave = settings.onChange(() => heard++)
    const outcomes = await Promise.allSettled([
      settings.update({ theme: 'dark' }),
      settings.update({ worker: { slots: 0 } }),
      settings.update({ worker: { slots: 2 } }),
      settings.update({ worker: { threads: 3 } }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(settings.get()).toMatchObject({ theme: 'dark', worker: { slots: 2, threads: 3 } })
    expect(heard).toBe(3)
    leave()
    await settings.update({ theme: 'light' })
    expect(heard).toBe(3)
    expect(openSettings(data).get()).toEqual(settings.get())
  })

  test('the file is closed to others, keeps its mode and its link, and leaves nothing beside it', async () => {
    const data = folders.path()
    await openSettings(data).update({ theme: 'dark' })
    expect(statSync(join(data, 'settings.json')).mode & 0o777).toBe(0o600)
    const other = folders.path()
    const real = join(other, 'kept.json')
    writeFileSync(real, '{}')
    chmodSync(real, 0o640)
    symlinkSync(real, join(other, 'settings.json'))
    await openSettings(other).update({ theme: 'dark' })
    expect(readdirSync(other).sort()).toEqual(['kept.json', 'settings.json'])
    expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual({ theme: 'dark' })
    expect(statSync(real).mode & 0o777).toBe(0o640)
  })

  test('a place that cannot be written says so and changes nothing', async () => {
    const data = folders.path()
    mkdirSync(join(data, 'settings.json'))
    expect(() => openSettings(data)).toThrow(/Read the settings/)
    const gone = join(folders.path(), 'gone')
    const settings = openSettings(gone)
    await expect(settings.update({ theme: 'dark' })).rejects.toThrow(/Save the settings/)
    expect(settings.get().theme).toBe('system')
  })

  test('any unknown keys survive any patch', async () => {
    const known = new Set(['systems', 'worker', 'heartbeatLimitMinutes', 'theme', '__proto__'])
    const name = fc.string({ minLength: 1, maxLength: 12 }).filter((key) => !known.has(key))
    const unknown = fc.dictionary(name, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 })
    const inWorker = fc.dictionary(
      name.filter((key) => !(key in Settings.parse({}).worker)),
      fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 3 },
    )
    const patch = fc.record(
      {
        theme: fc.constantFrom('system' as const, 'light' as const, 'dark' as const),
        heartbeatLimitMinutes: fc.integer({ min: 1, max: 99 }),
        worker: fc.record(
          { slots: fc.option(fc.integer({ min: 1, max: 64 })), language: fc.constantFrom('de', 'auto') },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(unknown, inWorker, fc.array(patch, { maxLength: 3 }), async (top, inside, patches) => {
        const before = JSON.parse(JSON.stringify({ ...top, worker: inside }))
        const { data, read } = withFile(before)
        const settings = openSettings(data)
        for (const one of patches) await settings.update(one)
        const { worker, ...rest } = read()
        expect(rest).toMatchObject(JSON.parse(JSON.stringify(top)))
        expect(worker).toMatchObject(before.worker)
        for (const one of patches.slice(-1)) expect(settings.get()).toMatchObject(one)
      }),
      { numRuns: 60 },
    )
  })
})

describe('secrets', () => {
  const system = (password: string) => ({
    id: 'rec',
    kind: 'recordings' as const,
    database: `postgres://app:${encodeURIComponent(password)}@db:5432/x`,
    broker: `redis://:${encodeURIComponent(password)}@cache:6379/0`,
  })

  test('whatever the password or token, the masked settings show neither and are still settings', () => {
    // A secret of one letter is in every text.
    const secret = fc
      .string({ minLength: 6, maxLength: 30 })
      .filter((text) => /[a-z]{3}/i.test(text) && !/^(env|secret):/.test(text))
    fc.assert(
      fc.property(secret, secret, (password, token) => {
        const settings = Settings.parse({
          systems: [system(password), { id: 'qc', kind: 'qc', url: 'https://qc.example', token }],
        })
        const [rec, qc] = maskSecrets(settings).systems
        expect(rec).toMatchObject({
          database: `postgres://app:${MASK}@db:5432/x`,
          broker: `redis://:${MASK}@cache:6379/0`,
        })
        expect(qc).toMatchObject({ url: 'https://qc.example', token: MASK })
      }),
    )
  })

  test('references are no secrets and stay readable', () => {
    const settings = Settings.parse({
      systems: [
        { id: 'rec', kind: 'recordings', database: 'env:DATABASE_URL' },
        { id: 'qc', kind: 'qc', url: 'https://qc', token: 'secret:QC' },
      ],
    })
    expect(maskSecrets(settings)).toEqual(settings)
  })

  test('a masked value that comes back keeps what it stands for', async () => {
    const { data, read } = withFile({ worker: { apiKey: 'real-one', language: 'de' } })
    const settings = openSettings(data)
    const { worker } = maskSecrets(settings.get())
    expect(worker).toMatchObject({ apiKey: MASK })
    await settings.update({ worker: { ...worker, language: 'en' } })
    expect(read().worker).toMatchObject({ apiKey: 'real-one', language: 'en' })
    expect(readFileSync(join(data, 'settings.json'), 'utf8')).not.toContain(MASK)
  })

  test('the log is told every secret value, also those it has to look up', () => {
    const { data } = withFile({
      systems: [system('p@ss/word'), { id: 'qc', kind: 'qc', url: 'https://qc', token: 'env:UNJAM_TEST_TOKEN' }],
    })
    process.env.UNJAM_TEST_TOKEN = 'tok-123'
    try {
      const secrets = openSettings(data).secrets()
      expect(secrets).toEqual(expect.arrayContaining(['p@ss/word', 'p%40ss%2Fword', 'tok-123']))
    } finally {
      delete process.env.UNJAM_TEST_TOKEN
    }
    expect(openSettings(data).secrets()).not.toContain('tok-123')
  })
})
