// Stack, .env, dialogs and the form of a system: what is said of each state, and what is sent.
import { describe, expect, test } from 'vitest'
import { ActionId } from '../../electron/contract/action.ts'
import type { Service } from '../../electron/contract/service.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import { paramOf } from '../../renderer/action-params.ts'
import { thingOf } from '../../renderer/action-things.ts'
import { hidePassword, MASK, withPassword } from '../../renderer/hidden-password.ts'
import type { LiveState } from '../../renderer/live.ts'
import { cutLine } from '../../renderer/log-marks.ts'
import { anyStack } from '../../renderer/route.ts'
import { driftText, engineLine, selectStack, serviceDeaf } from '../../renderer/select-stack.ts'
import { creationOf } from '../../renderer/stack-creation.ts'
import { blankDraft, draftOf, firstWrong, systemOf, trialOf, wrongIn } from '../../renderer/system-form.ts'
import { proposalText, unclaimed, withColumn, withWords } from '../../renderer/table-mapping.ts'
import { BASE, type Scenario, snapshotAt } from './fixture-data.ts'
import { envOf, servicesOf, stackInfo } from './fixture-stack.ts'
import { calls, fixtureConnecting } from './fixture-systems.ts'

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

describe('a password in a URL', () => {
  const url = 'postgresql://app:s3cret@db:5432/app'
  test('is hidden once typed, sent as typed, and kept when the rest is edited', () => {
    const { shown, password } = hidePassword(url)
    expect(shown).toBe(`postgresql://app:${MASK}@db:5432/app`)
    expect(withPassword(shown, password)).toBe(url)
    expect(withPassword(shown.replace('5432', '5433'), password)).toBe(url.replace('5432', '5433'))
    expect(withPassword('postgresql://app:other@db/app', password)).toBe('postgresql://app:other@db/app')
  })
  test('that is stored stays the mask, and what has none stays as it is', () => {
    const stored = `redis://:${MASK}@redis:6379/0`
    expect(hidePassword(stored)).toEqual({ shown: stored, password: null })
    expect(hidePassword('redis://redis:6379/0').password).toBeNull()
    const odd = 'redis://:p@s/s@redis:6379/0'
    expect(hidePassword(odd).shown).toBe(stored)
    expect(withPassword(hidePassword(odd).shown, hidePassword(odd).password)).toBe(odd)
  })
})

describe('the form of a system', () => {
  test('gives back what it was made from, unknown keys included', () => {
    const own = SystemSettings.parse({ ...calls, note: 'ours', stack: { project: 'app', extra: 1 } })
    expect(SystemSettings.parse(systemOf(draftOf(own)!))).toEqual(own)
    const qc = SystemSettings.parse({ id: 'qc', kind: 'qc', url: 'http://qc', token: 't' })
    expect(systemOf(draftOf(qc)!)).toEqual(qc)
    const crawl = SystemSettings.parse({ id: 'crawl', kind: 'crawl', database: 'postgres://db/x' })
    expect(SystemSettings.parse(systemOf(draftOf(crawl)!))).toEqual(crawl)
  })
  test('an emptied part is absent, never an empty string', () => {
    const draft = draftOf(calls)!
    const fields = { ...draft.fields, broker: '', api: '', project: '', envFile: '' }
    const sent = systemOf({ ...draft, fields })
    for (const key of ['broker', 'api', 'stack', 'envFile']) expect(sent).not.toHaveProperty(key)
  })
  test('what is wrong is said by field, and only what is needed keeps the rest from being tried', () => {
    const blank = blankDraft('recordings')
    const draft = {
      ...blank,
      fields: { ...blank.fields, id: 'My Calls', database: 'postgresql://db/x', broker: 'amqp://r' },
    }
    const wrong = wrongIn(draft, ['calls'])
    expect(Object.keys(wrong).toSorted()).toEqual(['broker', 'id'])
    expect(firstWrong(draft, wrong)).toBe('Name: Lower-case letters, digits and dashes.')
    expect(trialOf(draft, wrong, null)?.fields).toMatchObject({
      id: 'draft',
      broker: '',
      database: 'postgresql://db/x',
    })
    expect(trialOf(blank, wrongIn(blank, []), null)).toBeNull()
    expect(wrongIn({ ...draft, fields: { ...draft.fields, id: 'calls' } }, ['calls']).id).toContain('Another system')
    expect(wrongIn({ ...draft, fields: { ...draft.fields, broker: 'env:REDIS_URL' } }, []).broker).toBeUndefined()
  })
  test('a configured system is tried under its own name, where its password is', () => {
    const draft = draftOf(calls)!
    const renamed = { ...draft, fields: { ...draft.fields, id: 'calls-2' } }
    expect(trialOf(renamed, {}, 'calls')?.fields.id).toBe('calls')
    expect(systemOf(renamed).id).toBe('calls-2')
  })
})

describe('a mapping', () => {
  const table = RecordingsTable.parse({})
  test('keeps what is needed, lets go of what is not', () => {
    expect(withColumn(table, 'status', ' ')).toBe(table)
    expect(withColumn(table, 'error', '').columns.error).toBeNull()
    expect(withColumn(table, 'title', ' filename ').columns.title).toBe('filename')
    expect(withWords(table, 'queued', ' , ')).toBe(table)
    expect(withWords(table, 'queued', 'Pending, new').words.queued).toEqual(['Pending', 'new'])
  })
  test('a word that no state claims is named until one does', async () => {
    const connecting = fixtureConnecting(
      () => {
        throw new Error('not asked for')
      },
      () => undefined,
    )
    const [best] = await connecting.mapping('postgres://db/x', null, new AbortController().signal)
    expect(proposalText(best!)).toBe('public.call_recordings, 1090 rows, 92 % of what is looked for')
    expect(unclaimed(best!, best!.table)).toEqual(['archived'])
    expect(unclaimed(best!, withWords(best!.table, 'skipped', 'skipped, Archived'))).toEqual([])
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
