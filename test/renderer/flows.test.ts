// What happens between a press and its receipt, a file and its job, a list and its refresh: no page needed.
import { describe, expect, test } from 'vitest'
import type { ActionRequest, Preview, Receipt } from '../../electron/contract/action.ts'
import type { Failure } from '../../electron/contract/failure.ts'
import type { AddReport, Job } from '../../electron/contract/job.ts'
import { createActionFlow, type FlowPorts } from '../../renderer/action-flow.ts'
import { createPageList } from '../../renderer/page-list.ts'
import { hashOf, parseRoute, type Route } from '../../renderer/route.ts'
import { fieldGroups, type NumberField, readNumber } from '../../renderer/setting-fields.ts'
import { createUploads, inOrder, sumUploads } from '../../renderer/uploads.ts'
import { until } from '../support/until.ts'
import { BASE, jobsOf } from './fixture-data.ts'

const request: ActionRequest = { action: 'retry-jobs', system: 'local', target: ['a', 'b'], params: {} }
const failure = (kind: Failure['kind']): Failure => ({ kind, tried: 'Retry', on: '', because: 'so', remedy: null })
const previewed = (fingerprint: string): Preview => ({
  action: 'retry-jobs',
  system: 'local',
  title: 'Retry 2 jobs',
  summary: '',
  count: 2,
  sample: [],
  notTouched: [],
  know: [],
  table: null,
  diff: null,
  command: null,
  risk: 'safe',
  undoable: true,
  undo: '',
  confirm: 'Retry 2 jobs',
  fingerprint,
})
const receipt: Receipt = {
  id: 'r1',
  action: 'retry-jobs',
  system: 'local',
  title: 'Retry 2 jobs',
  summary: '',
  at: new Date(BASE).toISOString(),
  actor: 'me',
  count: 2,
  previewed: 2,
  left: [],
  undoable: true,
  watch: null,
  undone: null,
}

describe('an action', () => {
  function flow(ports: Partial<FlowPorts> = {}) {
    const done: Receipt[] = []
    const executed: string[] = []
    const made = createActionFlow({
      preview: async () => previewed('f1'),
      execute: async (_, fingerprint) => {
        executed.push(fingerprint)
        return receipt
      },
      undo: async () => ({ ...receipt, undone: { at: receipt.at, actor: 'me', restored: 2, left: [] } }),
      failureOf: (thrown) => thrown as Failure,
      done: (one) => done.push(one),
      ...ports,
    })
    return { ...made, done, executed }
  }

  test('a preview that is refused can be read again, and nothing was written', async () => {
    let refuse = true
    const { store, open, again, confirm, executed } = flow({
      preview: async () => {
        if (refuse) throw failure('unreachable')
        return previewed('f1')
      },
    })
    await open(request, 'Retry')
    expect(store.getState()).toMatchObject({ step: 'refused', failure: { kind: 'unreachable' } })
    await confirm()
    expect(executed).toEqual([])
    refuse = false
    await again()
    expect(store.getState()).toMatchObject({ step: 'ready', stale: false })
  })

  test('executes exactly the previewed fingerprint, once, and hands over the receipt', async () => {
    const { store, open, confirm, executed, done } = flow()
    await open(request, 'Retry')
    await Promise.all([confirm(), confirm()])
    expect(executed).toEqual(['f1'])
    expect(done).toEqual([receipt])
    expect(store.getState()).toEqual({ step: 'closed' })
  })

  test('stale is read again and said, never executed by itself', async () => {
    let fingerprint = 'f1'
    let calls = 0
    const { store, open, confirm, done } = flow({
      preview: async () => previewed(fingerprint),
      execute: async () => {
        calls++
        fingerprint = 'f2'
        throw failure('stale')
      },
    })
    await open(request, 'Retry')
    await confirm()
    expect(store.getState()).toMatchObject({ step: 'ready', stale: true, preview: { fingerprint: 'f2' } })
    expect([calls, done.length]).toEqual([1, 0])
  })

  test('another failure keeps the preview and says it', async () => {
    const { store, open, confirm } = flow({ execute: () => Promise.reject(failure('busy')) })
    await open(request, 'Retry')
    await confirm()
    expect(store.getState()).toMatchObject({ step: 'ready', stale: false, failure: { kind: 'busy' } })
  })

  test('a dialog that was closed is not opened again by a late answer', async () => {
    const late = Promise.withResolvers<Preview>()
    const { store, open, close } = flow({ preview: () => late.promise })
    const opening = open(request, 'Retry')
    close()
    late.resolve(previewed('f1'))
    await opening
    expect(store.getState()).toEqual({ step: 'closed' })
  })

  test('a reason given in the dialog is read into the preview, which is all that can be confirmed', async () => {
    const asked: ActionRequest[] = []
    const { store, open, amend, confirm, executed } = flow({
      preview: async (one) => {
        asked.push(one)
        return { ...previewed(`f ${one.params.reason ?? 'none'}`), action: one.action }
      },
    })
    await open({ ...request, action: 'fail-jobs' }, 'Mark as failed')
    const amending = amend('reason', ' cut off ')
    expect(store.getState()).toMatchObject({ step: 'reading', preview: { fingerprint: 'f none' } })
    await confirm()
    expect(executed).toEqual([])
    await amending
    await confirm()
    expect(executed).toEqual(['f cut off'])
    expect(asked.map(({ params }) => params)).toEqual([{}, { reason: 'cut off' }])
  })

  test('undo asks first, then hands over the receipt as undone', async () => {
    const { store, openUndo, confirm, done } = flow()
    openUndo(receipt)
    expect(done).toEqual([])
    await confirm()
    expect(done[0]?.undone?.restored).toBe(2)
    expect(store.getState()).toEqual({ step: 'closed' })
  })
})

describe('uploads', () => {
  const file = (name: string) => new File([new Uint8Array(10)], name)
  const report = (fields: Partial<AddReport>): AddReport => ({ added: [], duplicates: [], refused: [], ...fields })

  test('every file is named in the end, whatever became of it, and one failure stops no other', async () => {
    const uploads = createUploads({
      send: async ({ name }, onSent) => {
        if (name === 'broken.m4a') throw new Error('the transfer was interrupted')
        onSent(5)
        return `/kept/${name}`
      },
      add: async ([path = '']) => {
        if (path.includes('twice')) return report({ duplicates: [{ id: 'old', title: 'First', path }] })
        if (path.includes('bad')) return report({ refused: [{ path, because: 'it is a folder' }] })
        return report({ added: [{ id: 'new', title: 'one', path }] })
      },
      reason: (thrown) => (thrown as Error).message,
    })
    await uploads.addFiles(['broken.m4a', 'one.m4a', 'twice.m4a', 'bad.m4a'].map(file))
    expect(uploads.store.getState().map(({ name, state, note }) => [name, state, note])).toEqual([
      ['broken.m4a', 'refused', 'the transfer was interrupted'],
      ['one.m4a', 'added', null],
      ['twice.m4a', 'duplicate', 'First'],
      ['bad.m4a', 'refused', 'it is a folder'],
    ])
    expect(sumUploads(uploads.store.getState())).toMatchObject({
      total: 4,
      open: 0,
      added: 1,
      duplicate: 1,
      refused: 2,
    })
    uploads.clear()
    expect(uploads.store.getState()).toEqual([])
  })

  test('closing half-way forgets none of the report, and what was refused stands first in the end', async () => {
    const gate = Promise.withResolvers<string>()
    const uploads = createUploads({
      send: (one) => (one.name === 'late' ? gate.promise : Promise.resolve(one.name)),
      add: async ([path = '']) => ({ added: [{ id: path, title: path, path }], duplicates: [], refused: [] }),
      reason: String,
    })
    const all = uploads.addFiles([file('early'), file('late')])
    uploads.refuse('bad', 'it is a folder')
    await until('the early one is added', () => uploads.store.getState()[0]?.state === 'added')
    uploads.clear()
    expect(inOrder(uploads.store.getState()).map(({ name }) => name)).toEqual(['early', 'late', 'bad'])
    gate.resolve('late')
    await all
    expect(sumUploads(uploads.store.getState())).toMatchObject({ added: 2, refused: 1, open: 0 })
    expect(inOrder(uploads.store.getState()).map(({ name }) => name)).toEqual(['bad', 'early', 'late'])
    uploads.clear()
    expect(uploads.store.getState()).toEqual([])
  })

  test('two at a time, not all at once', async () => {
    let now = 0
    let most = 0
    const uploads = createUploads({
      send: async ({ name }) => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setImmediate(resolve))
        now--
        return name
      },
      add: async ([path = '']) => report({ added: [{ id: path, title: path, path }] }),
      reason: String,
    })
    await uploads.addFiles(Array.from({ length: 9 }, (_, n) => file(`${n}.m4a`)))
    expect(most).toBe(2)
    expect(sumUploads(uploads.store.getState()).added).toBe(9)
  })

  test('a folder path without recordings says so', async () => {
    const uploads = createUploads({ send: async () => '', add: async () => report({}), reason: String })
    await uploads.addPaths(['/empty'])
    expect(uploads.store.getState()).toMatchObject([{ state: 'refused', note: 'there are no recordings in it' }])
  })
})

describe('a long list', () => {
  const all = jobsOf('stuck', 'calls', 'done', BASE)
  function list(source: () => readonly Job[]) {
    const asked: (string | null)[] = []
    const made = createPageList<Job>({
      async page(limit, cursor) {
        asked.push(cursor)
        const from = Number(cursor ?? 0)
        const items = source().slice(from, from + limit)
        return { items, cursor: from + limit < source().length ? String(from + limit) : null }
      },
      failureOf: (thrown) => ({ ...failure('unreachable'), because: (thrown as Error).message }),
      nowMs: () => BASE,
    })
    return { ...made, asked }
  }

  test('a failed read keeps the rows and says why', async () => {
    let broken = false
    const { store, refresh } = list(() => {
      if (broken) throw new Error('gone')
      return all
    })
    await refresh()
    broken = true
    await refresh()
    expect(store.getState()).toMatchObject({ status: 'failed', failure: { because: 'gone' } })
    expect(store.getState().items).toHaveLength(100)
  })

  test('pages follow the cursor, a refresh reads what is shown, select all reads the rest', async () => {
    const { store, refresh, more, all: readAll } = list(() => all)
    await refresh()
    await more()
    expect(store.getState().items.map(({ id }) => id)).toEqual(all.slice(0, 200).map(({ id }) => id))
    await refresh()
    expect(store.getState().items).toHaveLength(200)
    expect(await readAll(10_000)).toHaveLength(1069)
    expect(store.getState().cursor).toBeNull()
  })

  test('nothing moves under the pointer: a refresh waits for its release, and is one', async () => {
    let jobs = all.slice(0, 3)
    const { store, refresh, hold, asked } = list(() => jobs)
    await refresh()
    hold(true)
    jobs = all.slice(1, 3)
    await refresh()
    await refresh()
    expect(store.getState().items).toHaveLength(3)
    hold(false)
    await until('the refresh', () => store.getState().items.length === 2)
    expect(asked).toHaveLength(2)
  })

  test('rows that did not change keep their identity', async () => {
    let jobs: readonly Job[] = all.slice(0, 3)
    const { store, refresh } = list(() => jobs)
    await refresh()
    const [, second] = store.getState().items
    jobs = structuredClone(all.slice(1, 3))
    await refresh()
    expect(store.getState().items[0]).toBe(second)
  })
})

describe('addresses', () => {
  const routes: Route[] = [
    { view: 'overview' },
    { view: 'jobs', system: 'local', state: 'queued' },
    { view: 'jobs', system: null, state: 'failed' },
    { view: 'job', system: 'local', id: 'a/b c%' },
    { view: 'queues', system: null, queue: null, part: 'groups', task: null, job: null },
    { view: 'queues', system: 'calls', queue: 'a/b&c', part: 'messages', task: 'app.tasks.x', job: '17?' },
    { view: 'workers', part: 'models' },
    { view: 'stack', system: 'calls', part: 'logs', service: 'worker' },
    { view: 'history' },
    { view: 'findings' },
    { view: 'finding', key: 'heartbeat-stale:calls:a/b 7%' },
    { view: 'act', system: 'calls', action: 'purge-queue', ids: null, params: { queue: 'a&b' }, label: 'Purge' },
    { view: 'act', system: 'calls', action: 'retry-jobs', ids: ['a b', 'c'], params: {}, label: 'Retry 2 jobs' },
    { view: 'settings', part: 'general' },
    { view: 'settings', part: 'systems' },
    { view: 'system', id: null },
    { view: 'system', id: 'calls' },
  ]
  test.each(routes)('$view is read as it is written', (route) => expect(parseRoute(hashOf(route))).toEqual(route))
  test.each(['', '#', '#/nowhere', '#/jobs/%zz', '#/jobs?state=strange'])('%s is not an error', (hash) => {
    expect(['overview', 'jobs']).toContain(parseRoute(hash).view)
  })
  test('the fixed ones that others rely on', () => {
    expect(parseRoute('#/jobs?system=local&state=queued')).toEqual({ view: 'jobs', system: 'local', state: 'queued' })
    expect(parseRoute('#/jobs/local/17')).toEqual({ view: 'job', system: 'local', id: '17' })
    expect(parseRoute('#/worker?part=models')).toEqual({ view: 'workers', part: 'models' })
    expect(parseRoute('#/queues?system=calls&queue=celery')).toMatchObject({ system: 'calls', queue: 'celery' })
    expect(parseRoute('#/stack?system=calls&part=nonsense')).toMatchObject({ part: 'services' })
  })
})

describe('a number in the settings', () => {
  const field = (title: string) =>
    fieldGroups
      .flatMap(({ fields }) => fields)
      .find((one): one is NumberField => one.title === title && one.kind === 'number') as NumberField
  test.each(['0', '65', '1.5', 'two', '-1', '1e9'])('%s slots are refused with the range', (text) => {
    expect(readNumber(field('Slots'), text)).toEqual({
      wrong: 'A whole number from 1 to 64, or empty: chosen by Unjam.',
    })
  })
  test('empty means chosen by Unjam, or is refused where it means nothing', () => {
    expect(readNumber(field('Slots'), ' ')).toEqual({ value: null })
    expect(readNumber(field('Retries'), '')).toHaveProperty('wrong')
    expect(readNumber(field('Retries'), '0')).toEqual({ value: 0 })
  })
})
