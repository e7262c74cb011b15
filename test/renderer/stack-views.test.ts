// Stack, .env and dialogs: what is said of each state.
import { describe, expect, test } from 'vitest'
import { ActionId } from '../../electron/contract/action.ts'
import { MASK } from '../../electron/contract/secrets/mask.ts'
import type { Service } from '../../electron/contract/service.ts'
import { paramOf } from '../../renderer/action-params.ts'
import { thingOf } from '../../renderer/action-things.ts'
import type { LiveState } from '../../renderer/live.ts'
import { cutLine } from '../../renderer/log-marks.ts'
import { anyStack } from '../../renderer/route.ts'
import { driftText, engineLine, selectStack, serviceDeaf } from '../../renderer/select-stack.ts'
import { creationOf } from '../../renderer/stack-creation.ts'
import { BASE, type Scenario, snapshotAt } from './fixture-data.ts'
import { envOf, servicesOf, stackInfo } from './fixture-stack.ts'

const at = (scenario: Scenario): LiveState => ({
  snapshot: snapshotAt(scenario, BASE),
  clockAheadMs: 0,
  link: { state: 'open' },
})

describe('services', () => {
  const route = { ...anyStack, system: 'calls' }
  test('its own API is set against the database', () => {
    const state = at('stuck')
    expect(selectStack(state, BASE, route)?.api?.value).toBe(
      'Its own API says 20 queued, 1 processing, 1069 done, 0 failed, as the database does',
    )
    const [system] = state.snapshot!.systems.filter(({ id }) => id === 'calls')
    const api = { status: 'known' as const, at: '', value: { queued: 18, running: 1, done: null, failed: null } }
    const other = { ...state, snapshot: { ...state.snapshot!, systems: [{ ...system!, api }] } }
    expect(selectStack(other, BASE, route)?.api?.value).toBe(
      'Its own API says 18 queued, 1 processing; the database says 20 queued',
    )
  })

  test('each bad state has its own word, and a sentence for what it rests on', () => {
    const model = selectStack(at('storm'), BASE, route)
    expect(model?.services.value?.map(({ name, word, because }) => [name, word, because])).toEqual([
      ['postgres', 'healthy', null],
      ['redis', 'healthy', null],
      ['api', 'unhealthy', 'curl: (7) Failed to connect to localhost port 8000 after 0 ms: Connection refused'],
      ['beat', 'restarting', 'It ended with exit code 1; 14 restarts so far.'],
      ['worker 1', 'running, unchecked', null],
      ['worker 2', 'out of memory', 'The kernel ended it because memory ran out; exit code 137.'],
      ['flower', 'never started', null],
    ])
    expect(model?.level).toBe('critical')
    expect(model?.drifted.value?.map(({ key }) => key)).toEqual(['TASK_TIMEOUT_SECONDS'])
  })
  test('an engine that cannot be asked leaves the last known, never nothing', () => {
    const model = selectStack(at('storm'), BASE, { ...anyStack, system: 'archive' })
    expect(model).toMatchObject({ level: 'unknown', read: 'last known 14 min ago: HTTP 502' })
    expect(model?.services.value).toHaveLength(5)
    expect(selectStack(at('clear'), BASE, anyStack)).toBeNull()
  })
  test('the engine in one line', () => {
    expect(engineLine(stackInfo)).toBe(
      'Project app in C:\\app · Docker 27.3.1 (API 1.47, linux) at npipe:////./pipe/docker_engine · compose 2.29.7',
    )
    expect(engineLine({ ...stackInfo, compose: null })).toContain('changes go through the engine')
  })
  test.each<[string, Service['state'], string | null]>([
    ['start-service', 'running', 'It runs already.'],
    ['start-service', 'exited', null],
    ['stop-service', 'exited', 'It does not run.'],
    ['restart-service', 'exited', null],
  ])('%s of a service that is %s: %s', (action, state, because) => {
    expect(serviceDeaf(action, { ...servicesOf('stuck')[0]!, state })).toBe(because)
  })
  test('drift says which container has what, and of a secret only where', () => {
    const [timeout] = envOf('storm').entries
    expect(driftText(timeout!)).toBe('The file says 7200, but worker still has 1800.')
    expect(driftText({ ...timeout!, secret: true, value: MASK })).toBe('Another value than the file’s is in worker.')
  })
})

describe('a log line', () => {
  const kinds = (text: string, search = '') => cutLine(text, search).map(({ text: part, kind }) => `${kind}:${part}`)
  test('marks what runbook 0 looks for, and nothing that only resembles it', () => {
    expect(kinds('[ERROR/Main] x')).toEqual(['plain:[', 'bad:ERROR', 'plain:/Main] x'])
    expect(kinds('billiard.exceptions.WorkerLostError: gone')).toEqual([
      'bad:billiard.exceptions.WorkerLostError',
      'plain:: gone',
    ])
    expect(kinds('0 errors, failover ready')).toEqual(['plain:0 errors, failover ready'])
    expect(kinds('WARNING: slow')).toEqual(['warn:WARNING', 'plain:: slow'])
  })
  test('marks what is searched as well, in any case, and loses no letter', () => {
    expect(kinds('Traceback in task', 'TA')).toEqual(['bad:Traceback', 'plain: in ', 'found:ta', 'plain:sk'])
    expect(kinds('', 'x')).toEqual([])
    expect(
      cutLine('İ ERROR i', 'i')
        .map(({ text }) => text)
        .join(''),
    ).toBe('İ ERROR i')
  })
})

describe('dialogs', () => {
  test('every action says what it counts and what must not move', () => {
    for (const id of ActionId.options) expect(thingOf(id).moved).toMatch(/^The .+ (changed|was replaced)$/)
    expect(thingOf('purge-queue').many).toBe('messages')
    expect(thingOf('set-env').moves).toContain('file')
  })
  test('one variable can be chosen in the dialog, the whole file cannot', () => {
    const request = { action: 'set-env', system: 'calls', target: 'all' } as const
    const param = paramOf({ ...request, params: { TASK_TIMEOUT_SECONDS: '1800' } })
    expect(param?.presets.map(({ value }) => value)).toEqual(['7200', '14400', 'none'])
    expect(param?.empty).toBe('none')
    expect(paramOf({ ...request, params: { WORKER_CONCURRENCY: '2' } })?.presets).toEqual([])
    expect(paramOf({ ...request, params: { '.text': 'A=1', '.hash': 'h' } })).toBeNull()
    expect(paramOf({ ...request, action: 'purge-queue', params: { queue: 'celery' } })).toBeNull()
  })
})

test('the creation of a stack is shown as far as the host tells, and is nothing where it does not', () => {
  const { host } = snapshotAt('stuck', BASE)
  expect(creationOf(host)).toBeNull()
  const told = { ...host, stackCreation: { step: 'Building worker', failure: null } }
  expect(creationOf(told)).toEqual({ step: 'Building worker', bad: false })
  const failure = { kind: 'missing' as const, tried: 'Build', on: 'worker', because: 'no Docker', remedy: null }
  expect(creationOf({ ...host, stackCreation: { ...told.stackCreation, failure } })?.bad).toBe(true)
})
