// A value of .env set and applied, read back, and taken back with its containers when they do not come up.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openEnvFile } from '../../../electron/adapters/env-file.ts'
import { FailureError } from '../../../electron/contract/failure.ts'
import type { Broker } from '../../../electron/core/ports/broker.ts'
import { act, acting, admin, failureOf, request, signal } from '../../support/acting.ts'
import { type BakedStack, freshStack, memoryEnv } from '../../support/memory-env.ts'
import { task } from '../../support/stack-builders.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const folders = temporaryFolder()
afterAll(folders.remove)
const SECRET = 'hunter22'
const TEXT = `# the stack\r\nTASK_TIMEOUT_SECONDS=1800 # half an hour\r\nREDIS_PASSWORD=${SECRET}\r\nSITE=calls\r\n`
const USES = {
  worker: ['TASK_TIMEOUT_SECONDS', 'REDIS_PASSWORD'],
  api: ['TASK_TIMEOUT_SECONDS'],
  redis: ['REDIS_PASSWORD'],
}
const ASK = { action: 'set-env', params: { TASK_TIMEOUT_SECONDS: '7200' } } as const
const crash = (service: string, values: Record<string, string>) =>
  service === 'worker' && !/^\d*$/.test(values.TASK_TIMEOUT_SECONDS ?? '')
    ? `worker exited with code 1 (${SECRET})`
    : null

async function world(options: { text?: string; stack?: false; tasks?: boolean } = {}) {
  const env = memoryEnv(options.text ?? TEXT)
  const stack = await freshStack(env, USES)
  stack.refuses = crash
  const broker = options.tasks
    ? ({ control: { tasks: async () => [task({ worker: `celery@${stack.list[0]?.id}` })] } } as unknown as Broker)
    : null
  const on = acting([], { kind: 'recordings', parts: { env, stack: options.stack === false ? null : stack, broker } })
  return { ...on, env, stack }
}
type World = Awaited<ReturnType<typeof world>>
const timeouts = (stack: BakedStack) =>
  Object.fromEntries([...stack.inside].map(([service, values]) => [service, values.TASK_TIMEOUT_SECONDS]))
const bad = { action: 'set-env', params: { TASK_TIMEOUT_SECONDS: 'abc' } } as const

describe('sets a value', () => {
  it('in the file and, by a recreate of what uses it, in the containers; undo is byte-exact', async () => {
    const on = await world({ tasks: true })
    const { preview, receipt } = await act(on, ASK)
    expect(preview).toMatchObject({
      title: 'Set TASK_TIMEOUT_SECONDS to 7200',
      count: 1,
      risk: 'disruptive',
      undoable: true,
      confirm: 'Change 1 value, recreate 2 services',
      command: 'docker compose recreate worker api',
      sample: [{ id: 'TASK_TIMEOUT_SECONDS', note: '1800 → 7200' }],
      diff: [
        { kind: 'same', text: '# the stack' },
        { kind: 'removed', text: 'TASK_TIMEOUT_SECONDS=1800 # half an hour' },
        { kind: 'added', text: 'TASK_TIMEOUT_SECONDS=7200 # half an hour' },
        { kind: 'same', text: 'REDIS_PASSWORD=••••••' },
        { kind: 'same', text: 'SITE=calls' },
      ],
    })
    expect(preview.table?.rows.map(({ cells }) => cells)).toEqual([
      ['worker', '1', 'TASK_TIMEOUT_SECONDS'],
      ['api', '1', 'TASK_TIMEOUT_SECONDS'],
    ])
    expect(preview.know.join(' ')).toContain('A restart would not do')
    expect(preview.know.join(' ')).toContain('1 job runs there')
    expect(preview.notTouched).toContain('Service redis')
    expect(on.env.text).toBe(TEXT.replace('1800', '7200'))
    expect(timeouts(on.stack)).toMatchObject({ worker: '7200', api: '7200' })
    expect(receipt).toMatchObject({
      count: 1,
      summary:
        '1 value of .env was changed; worker and api were recreated. Read back: worker has TASK_TIMEOUT_SECONDS=7200 and api has TASK_TIMEOUT_SECONDS=7200.',
      undoable: true,
    })
    const { undone } = await on.actions.undo(receipt.id, admin)
    expect(undone).toMatchObject({ restored: 1, left: [] })
    expect(on.env.text).toBe(TEXT)
    expect(timeouts(on.stack)).toMatchObject({ worker: '1800', api: '1800' })
    expect(on.stack.recreated).toEqual(['worker,api', 'worker,api'])
  })

  it('to none by commenting it out', async () => {
    const on = await world()
    const { preview } = await act(on, { action: 'set-env', params: { TASK_TIMEOUT_SECONDS: 'none' } })
    expect(preview.title).toBe('Comment out TASK_TIMEOUT_SECONDS')
    expect(on.env.text).toBe(TEXT.replace('TASK', '# TASK'))
    expect(timeouts(on.stack)).toMatchObject({ worker: '' })
  })

  it('that no service uses, or that has no stack, in the file alone, and says so', async () => {
    const on = await world()
    const site = { action: 'set-env', params: { SITE: 'other' } } as const
    expect((await act(on, site)).receipt.summary).toBe('1 value of .env was changed; no service of the stack uses it.')
    const alone = await world({ stack: false })
    expect((await act(alone, ASK)).receipt.summary).toContain('no compose stack is configured')
    expect(alone.env.text).toContain('7200')
    expect([...on.stack.recreated, ...alone.stack.recreated]).toEqual([])
  })

  it('where the compose files cannot be read: in the services whose containers carry it', async () => {
    const on = await world()
    on.stack.usesKnown = false
    await act(on, ASK)
    expect(on.stack.recreated).toEqual(['worker,api'])
  })

  it('that the file has already, where a crash or a restart left containers without it', async () => {
    const on = await world({ text: TEXT.replace('1800', '7200') })
    on.stack.inside.set('worker', { TASK_TIMEOUT_SECONDS: '1800' })
    const { preview, receipt } = await act(on, ASK)
    expect(preview).toMatchObject({ diff: null, undoable: false, confirm: 'Apply, recreate 1 service' })
    expect(receipt).toMatchObject({ undoable: false, summary: expect.stringContaining('The file said so already') })
    expect(timeouts(on.stack).worker).toBe('7200')
    expect(on.env.backups).toEqual([])
    expect((await failureOf(on.actions.preview(request(ASK), signal))).because).toContain('the file says so already')
  })
})

describe('a whole text from the raw editor', () => {
  const save = (on: World, text: string) =>
    ({ action: 'set-env', params: { '.text': text, '.hash': `hash of ${on.env.text}` } }) as const

  it('keeps the secrets that it shows masked, and recreates what uses the values that changed', async () => {
    const on = await world()
    const edited = TEXT.replace(SECRET, '••••••').replace('1800', '60').replace('# the', '# a')
    const { preview } = await act(on, save(on, edited))
    expect(preview.title).toBe('Save .env')
    expect(on.env.text).toBe(TEXT.replace('1800', '60').replace('# the', '# a'))
    expect(on.stack.recreated).toEqual(['worker,api'])
  })

  it('with comments alone changed recreates nothing', async () => {
    const on = await world()
    const { preview } = await act(on, save(on, TEXT.replace('# the', '# a')))
    expect(preview.confirm).toBe('Save the text')
    expect(on.stack.recreated).toEqual([])
  })

  it.each([
    [{ '.text': 'A=1\n' }, 'invalid'],
    [{ '.text': 'A=1\n', '.hash': 'another' }, 'stale'],
    [{ '.text': 'A=••••••\n', '.hash': `hash of ${TEXT}` }, 'invalid'],
    [{ '.text': 'A=1\n', '.hash': `hash of ${TEXT}`, B: '1' }, 'invalid'],
    [{ '.other': 'A=1\n' }, 'invalid'],
    [{ SITE: '••••••' }, 'invalid'],
    [{ 'NO NAME': '1' }, 'invalid'],
    [{}, 'invalid'],
  ])('is refused with %j: %s', async (params, kind) => {
    const on = await world()
    expect((await failureOf(on.actions.preview(request({ action: 'set-env', params }), signal))).kind).toBe(kind)
    expect(on.env.text).toBe(TEXT)
  })
})

describe('a value with which a service does not come up', () => {
  it('is warned of before, then file and containers go back and the failure shows the log', async () => {
    const on = await world()
    const preview = await on.actions.preview(request(bad), signal)
    expect(preview.know[0]).toBe(
      'TASK_TIMEOUT_SECONDS would be abc, but it must be a whole number of seconds, 0 or more. Should its service not come up with it, everything is put back.',
    )
    const failure = await failureOf(act(on, bad))
    expect(failure).toEqual({
      kind: 'refused',
      tried: 'Set TASK_TIMEOUT_SECONDS to abc',
      on: '/app/.env',
      because:
        'worker exited with code 1 (••••••); its log ends: starting ⏎ connecting to redis://:••••••@redis ⏎ ValueError: invalid literal for int()',
      remedy: 'The file is as it was, new containers have the old values.',
    })
    expect(on.env.text).toBe(TEXT)
    expect(timeouts(on.stack)).toMatchObject({ worker: '1800', api: '1800' })
    expect(on.stack.list.every(({ state }) => state === 'running')).toBe(true)
    expect(on.history.list(9, null)).toEqual([])
  })

  it('by the engine, which puts its containers back itself: only the file is restored', async () => {
    const on = await world()
    on.stack.way = 'engine'
    const before = new Map(on.stack.inside)
    const failure = await failureOf(act(on, bad))
    expect(failure.remedy).toBe('The file is as it was, the old containers run.')
    expect(on.env.text).toBe(TEXT)
    expect(on.stack.inside).toEqual(before)
    expect(on.stack.recreated).toEqual(['worker,api'])
  })

  it('or an engine that goes away meanwhile: the file is back, and what cannot be brought back is said', async () => {
    const on = await world()
    on.stack.throws = new FailureError({
      kind: 'unreachable',
      tried: 'Ask',
      on: 'docker',
      because: 'nothing answers',
      remedy: null,
    })
    const failure = await failureOf(act(on, ASK))
    expect(failure).toMatchObject({
      because: 'nothing answers',
      remedy: 'The file is as it was, but the containers could not be brought back: nothing answers.',
    })
    expect(on.env.text).toBe(TEXT)
  })

  it('leaves a file that somebody edits meanwhile, names the backup, and does not recreate again', async () => {
    const on = await world()
    on.stack.refuses = (...args) => {
      on.env.text = 'SITE=by hand\n'
      return crash(...args)
    }
    const failure = await failureOf(act(on, bad))
    expect(failure.remedy).toContain('The file stays as written (it was changed since it was read)')
    expect(failure.remedy).toContain('/app/backups/.env.1')
    expect(on.env.text).toBe('SITE=by hand\n')
    expect(on.stack.recreated).toHaveLength(1)
  })

  it('or that something else sets all the same: it is not applied, and taken back', async () => {
    const on = await world()
    on.stack.fixedValues = { TASK_TIMEOUT_SECONDS: '1800' }
    const failure = await failureOf(act(on, ASK))
    expect(failure.because).toBe('worker still has TASK_TIMEOUT_SECONDS=1800: something else than the file sets it')
    expect(on.env.text).toBe(TEXT)
  })
})

describe('a world that moved', () => {
  it.each([
    ['the file', async ({ env }: World) => env.replace(`${env.text}# more\n`, `hash of ${env.text}`)],
    ['a container', async ({ stack }: World) => stack.recreate(['worker'], {}, signal)],
  ])('between preview and confirm (%s) is stale: nothing is written', async (_what, move) => {
    const on = await world()
    const asked = request(ASK)
    const { fingerprint } = await on.actions.preview(asked, signal)
    await move(on)
    const text = on.env.text
    expect((await failureOf(on.actions.execute(asked, fingerprint, admin))).kind).toBe('stale')
    expect(on.env.text).toBe(text)
  })

  it('after the action is left as it is by undo, and listed', async () => {
    const on = await world()
    const { receipt } = await act(on, ASK)
    on.env.text += 'MORE=1\r\n'
    const { undone } = await on.actions.undo(receipt.id, admin)
    expect(undone).toMatchObject({ restored: 0, left: [{ id: '/app/.env' }] })
    expect(on.env.text).toContain('7200')
    expect(on.stack.recreated).toEqual(['worker,api'])
  })

  it('an undo whose containers fail says so, and can be tried again', async () => {
    const on = await world()
    const { receipt } = await act(on, ASK)
    on.stack.throws = new FailureError({
      kind: 'unreachable',
      tried: 'Ask',
      on: 'docker',
      because: 'nothing answers',
      remedy: null,
    })
    expect((await failureOf(on.actions.undo(receipt.id, admin))).because).toBe(
      'the old text was restored, but its services could not be recreated: nothing answers',
    )
    on.stack.throws = null
    expect((await on.actions.undo(receipt.id, admin)).undone).toMatchObject({ restored: 1, left: [] })
    expect(timeouts(on.stack)).toMatchObject({ worker: '1800' })
  })
})

it('never shows a secret, old or new, whatever it says', async () => {
  const on = await world()
  const { preview, receipt } = await act(on, { action: 'set-env', params: { REDIS_PASSWORD: 'correct horse' } })
  // The tests' fingerprint is no hash.
  for (const text of [JSON.stringify({ ...preview, fingerprint: '' }), JSON.stringify(receipt)]) {
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain('correct horse')
  }
  expect(on.env.text).toContain("REDIS_PASSWORD='correct horse'\r\n")
})

it('on a real file: the same bytes before and after undo, a backup for each write', async () => {
  const path = join(folders.path(), '.env')
  writeFileSync(path, `\uFEFF${TEXT}`)
  const before = readFileSync(path)
  const env = openEnvFile(path)
  const stack = await freshStack(env, USES)
  const on = acting([], { kind: 'recordings', parts: { env, stack } })
  const { receipt } = await act(on, ASK)
  expect(readFileSync(path, 'utf8')).toBe(`\uFEFF${TEXT.replace('1800', '7200')}`)
  await on.actions.undo(receipt.id, admin)
  expect(readFileSync(path).equals(before)).toBe(true)
  stack.refuses = crash
  await failureOf(act(on, bad))
  expect(readFileSync(path).equals(before)).toBe(true)
  expect(timeouts(stack)).toMatchObject({ worker: '1800' })
})
