// What the screen and the rules learn of a .env: values, who uses them, what containers have, and no secret.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FailureError } from '../../electron/contract/failure.ts'
import { maskValue } from '../../electron/contract/secrets/mask-value.ts'
import { EnvState, EnvView } from '../../electron/contract/service.ts'
import { maskEnv, unmaskEnv } from '../../electron/core/env-mask.ts'
import { readEnvState, readEnvValue, readEnvView, taskTimeoutMs } from '../../electron/core/env-state.ts'
import { envFiles } from '../support/env-files.ts'
import { bakedStack, freshStack, memoryEnv } from '../support/memory-env.ts'

const signal = new AbortController().signal
const gone = async () => {
  throw new FailureError({ kind: 'unreachable', tried: 'Ask', on: 'docker', because: 'nothing answers', remedy: null })
}
const entry = async (text: string, key: string, inside: Record<string, Record<string, string>>) => {
  const stack = bakedStack(memoryEnv(text), Object.fromEntries(Object.keys(inside).map((one) => [one, [key]])))
  for (const [service, values] of Object.entries(inside)) stack.inside.set(service, values)
  const state = await readEnvState(memoryEnv(text), stack, signal)
  return { ...state.entries.find((one) => one.key === key), timeoutMs: taskTimeoutMs(state) }
}
const T = 'TASK_TIMEOUT_SECONDS'

describe('drift', () => {
  it.each([
    ['TASK_TIMEOUT_SECONDS=7200\n', { worker: { [T]: '7200' } }, false, 7_200_000],
    ['TASK_TIMEOUT_SECONDS=7200\n', { worker: { [T]: '1800' } }, true, 1_800_000],
    ['TASK_TIMEOUT_SECONDS=7200\n', { worker: { [T]: '17200' } }, true, 17_200_000],
    ['TASK_TIMEOUT_SECONDS=7200\n', { worker: {} }, false, 7_200_000],
    ['TASK_TIMEOUT_SECONDS=0\n', { worker: { [T]: '0' } }, false, null],
    ['#TASK_TIMEOUT_SECONDS=60\n', { worker: { [T]: '' } }, false, null],
    ['#TASK_TIMEOUT_SECONDS=60\n', { worker: { [T]: '1800' } }, false, 1_800_000],
    ['TASK_TIMEOUT_SECONDS=7200\n', { api: { [T]: '60' }, worker: { [T]: '7200' } }, true, 7_200_000],
    ['TASK_TIMEOUT_SECONDS=abc\n', { worker: {} }, false, null],
    ['', {}, false, null],
  ])('%j with %j: unapplied %s, limit %s', async (text, inside, unapplied, timeoutMs) => {
    expect(await entry(text, T, inside)).toMatchObject({ unapplied, timeoutMs })
  })

  it('is none where the compose file builds the variable, or the same name is a port inside', async () => {
    expect(await entry('MODEL=base.bin\n', 'MODEL', { worker: { MODEL: '/models/base.bin' } })).toMatchObject({
      unapplied: false,
    })
    expect(await entry('MODEL=tiny.bin\n', 'MODEL', { worker: { MODEL: '/models/base.bin' } })).toMatchObject({
      unapplied: true,
    })
    expect(await entry('API_PORT=8001\n', 'API_PORT', { api: { API_PORT: '8000' } })).toMatchObject({
      unapplied: false,
    })
  })
})

it('lists keys of the file in its order, then what the stack uses, with meaning, users and values, masked', async () => {
  const env = memoryEnv('B=1\nREDIS_PASSWORD=pw12345\n#C=2\nURL=redis://:pw12345@redis/0\n')
  const stack = await freshStack(env, { worker: ['REDIS_PASSWORD', 'B', T], redis: ['REDIS_PASSWORD'] })
  const state = EnvState.parse(await readEnvState(env, stack, signal))
  expect(state.entries.map(({ key }) => key)).toEqual(['B', 'REDIS_PASSWORD', 'C', 'URL', T])
  expect(state.entries[1]).toEqual({
    key: 'REDIS_PASSWORD',
    value: '••••••',
    secret: true,
    meaning: 'Password of the broker',
    unit: null,
    services: ['worker', 'redis'],
    running: [
      { service: 'worker', value: '••••••' },
      { service: 'redis', value: '••••••' },
    ],
    unapplied: false,
  })
  expect(state.entries[3]).toMatchObject({ value: 'redis://:••••••@redis/0', secret: true, services: [] })
  expect(state.entries[4]).toMatchObject({ value: null, unit: 'seconds', services: ['worker'] })
  expect(JSON.stringify(state)).not.toContain('pw12345')
})

it('a stack that cannot be asked leaves the file readable: unknown users, no running values', async () => {
  const stack = { ...bakedStack(memoryEnv(''), { worker: [T] }), uses: gone, environments: gone }
  const state = await readEnvState(memoryEnv('A=1\n'), stack, signal)
  expect(state.entries.map(({ key, services, running }) => [key, services, running])).toEqual([
    ['A', null, []],
    [T, null, []],
  ])
  const failing = { ...memoryEnv(''), read: gone }
  await expect(readEnvState(failing, stack, signal)).rejects.toThrow('nothing answers')
})

it('the view for the raw editor has the text masked, and what is doubtful in it', async () => {
  const view = EnvView.parse(
    await readEnvView(
      memoryEnv("\uFEFFA=1\r\nA=2\r\nAPI_TOKEN='s3cret s' # t\r\nTASK_TIMEOUT_SECONDS=1h\r\nnonsense here\r\n"),
      null,
      signal,
    ),
  )
  expect(view.text).toBe('\uFEFFA=1\r\nA=2\r\nAPI_TOKEN=•••••• # t\r\nTASK_TIMEOUT_SECONDS=1h\r\nnonsense here\r\n')
  expect(view).toMatchObject({ bom: true, lineEnding: 'CRLF' })
  expect(view.warnings).toEqual([
    'Line 5 is no assignment.',
    'A is set in lines 1, 2; the last one counts.',
    'TASK_TIMEOUT_SECONDS is “1h”, but it must be a whole number of seconds, 0 or more.',
  ])
})

it('one value is shown on demand, as compose reads it', async () => {
  const env = memoryEnv('B_SECRET=x\nA_TOKEN="s3cret $B_SECRET"\n#C=1\n')
  expect(await readEnvValue(env, 'A_TOKEN', signal)).toBe('s3cret x')
  expect(await readEnvValue(env, 'C', signal)).toBeNull()
})

describe('masks', () => {
  it.each([
    ['POSTGRES_PASSWORD', 'x', '••••••'],
    ['SECRET_KEY_BASE', 'x', '••••••'],
    ['OPENAI_API_KEY', 'x', '••••••'],
    ['HF_TOKEN', 'x', '••••••'],
    ['HF_TOKEN', '', ''],
    ['KEYBOARD', 'x', 'x'],
    ['DATABASE_URL', 'postgresql://app:p@ss@db:5432/x', 'postgresql://app:••••••@db:5432/x'],
    ['REDIS_URL', 'redis://redis:6379/0', 'redis://redis:6379/0'],
    ['DATABASE_URL', `postgresql://app:\${POSTGRES_PASSWORD}@db/x`, `postgresql://app:\${POSTGRES_PASSWORD}@db/x`],
  ])('%s=%s: %s', (key, value, shown) => {
    expect(maskValue(key, value)).toBe(shown)
  })

  it('come off again where the masked text comes back, edited elsewhere or not', () => {
    const file = [
      'A_SECRET=one\nA_SECRET=two\nB=1\n',
      "# A_SECRET='old'\nA_SECRET=new # x\n",
      'U=redis://:pw@redis/0\n# was redis://:older@redis/0\n',
      'A_SECRET="two\nlines"\nB=1\n',
    ]
    for (const text of file) {
      const shown = maskEnv(text)
      expect(shown).not.toMatch(/one|two|old|new|pw/)
      expect(unmaskEnv(shown, text)).toBe(text)
      expect(unmaskEnv(`# hi\n${shown}C=2\n`, text)).toBe(`# hi\n${text}C=2\n`)
    }
    expect(unmaskEnv('U=redis://:••••••@other/1\n', 'U=redis://:pw@redis/0\n')).toBe('U=redis://:pw@other/1\n')
    expect(unmaskEnv('# A_SECRET=••••••\n', 'A_SECRET=pw\n')).toBe('# A_SECRET=pw\n')
  })

  it('round any file', () => {
    const files = envFiles.map((text) => text.replaceAll('ALPHA', 'A_SECRET').replaceAll('DELTA', 'D_TOKEN'))
    fc.assert(
      fc.property(files, (text) => {
        expect(unmaskEnv(maskEnv(text), text)).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  it('cover lines that are no assignment, private keys and values with several secrets', () => {
    const file = `1PASSWORD=digit\nDB_PASSWORD="ab"cd\nU=redis://:one@a,redis://:two@b\nK="-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----"\nX=1\n`
    const shown = maskEnv(file)
    expect(shown).toBe('1PASSWORD=••••••\nDB_PASSWORD=••••••\nU=redis://:••••••@a,redis://:••••••@b\nK="••••••"\nX=1\n')
    expect(unmaskEnv(shown.replace('X=1', 'X=2'), file)).toBe(file.replace('X=1', 'X=2'))
    expect(unmaskEnv(`A=1\n${shown.replace('X=1\n', '')}`, file)).toBe(`A=1\n${file.replace('X=1\n', '')}`)
  })

  it('of lines that only look the same are not guessed', () => {
    const file = 'A_SECRET=one\nB=1\nA_SECRET=two\n'
    expect(() => unmaskEnv('B=1\nA_SECRET=••••••\n', file)).toThrow('2 different lines look like A_SECRET=••••••')
    expect(unmaskEnv('B=1\n', file)).toBe('B=1\n')
  })

  it.each([
    ['B_SECRET=••••••\n', 'the file has no value of B_SECRET that it could stand for'],
    ['A_SECRET=x••••••\n', 'the mask of A_SECRET was changed; write the whole value, or leave the mask alone'],
    ['# note ••••••\n', 'no line of the file looks like it'],
  ])('that stand for nothing are refused: %j', (text, because) => {
    expect(() => unmaskEnv(text, 'A_SECRET=pw\n')).toThrow(because)
  })
})
