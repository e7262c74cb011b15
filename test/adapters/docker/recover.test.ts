// Repair of interrupted replacements: each by itself, only what is provably a leftover, never what is in progress.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { composeStack } from '../../../electron/adapters/docker/stack.ts'
import type { Stack } from '../../../electron/core/ports/stack.ts'
import { dockerMissing } from '../../support/dockerd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { holdAt } from './cut-proxy.ts'
import { composeProject, IMAGE, type Project, type SmallEngine, smallEngine, WORKER } from './small-engine.ts'

const COMPOSE = `
services:
  worker:${WORKER}
  beat:${WORKER}
`
const because = dockerMissing()
const signal = AbortSignal.timeout(170_000)
/** Shorter than the grace period of a container by enough: leftovers count as quiet at once. */
const AT_ONCE_MS = -60_000

describe.skipIf(because !== null)(`recover on dockerd${because === null ? '' : ` (${because})`}`, () => {
  const folder = temporaryFolder()
  let engine: SmallEngine
  let project: Project
  let number = 0
  const open: Stack[] = []

  function stack(part: { dataDir?: string; docker?: string; quietMs?: number } = {}): Stack {
    const one = composeStack({
      ...{ project: project.name, docker: engine.url, dataDir: join(project.folder, 'data'), settleMs: 300, ...part },
      ...{ environment: { PATH: '/nowhere' }, onProblem: () => undefined },
    })
    open.push(one)
    return one
  }
  const inspect = (name: string) => JSON.parse(engine.docker('inspect', name))[0]
  const of = (service: string) =>
    inspect(
      engine.docker(
        'ps',
        '-aqf',
        `label=com.docker.compose.project=${project.name}`,
        '-f',
        `label=com.docker.compose.service=${service}`,
      ),
    )
  const rows = async (one: Stack, service: string) =>
    (await one.services(signal))
      .filter((row) => row.service === service)
      .map(({ container, state }) => [container, state])
      // Both have number 1: the engine orders them by their time of creation, in seconds.
      .sort()
  const journal = () => join(project.folder, 'data/recreate')
  const swap = (service: string, old: string, part: object = {}) => ({
    ...{ service, name: of(service).Name.slice(1), oldId: old, newId: null, wasRunning: true },
    policy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
    ...part,
  })
  function entry(id: string, swaps: object[], file = id): void {
    const operation = { id, project: project.name, engine: engine.url, decided: false, swaps }
    writeFileSync(join(journal(), `${file}.json`), JSON.stringify(operation))
  }
  /** What compose v1 leaves between its rename and its removal of the old container. */
  function interruptedByV1(service: string): { old: string; fresh: string } {
    const { Id, Name, Config } = of(service)
    engine.docker('stop', '-t', '1', Id)
    engine.docker('rename', Id, `${Id.slice(0, 12)}_${Name.slice(1)}`)
    const labels = Object.entries(Config.Labels).flatMap(([key, value]) => ['--label', `${key}=${value}`])
    engine.docker('create', '--network', 'none', '--init', '--name', Name.slice(1), ...labels, IMAGE, 'sleep', '1000')
    return { old: `${Id.slice(0, 12)}_${Name.slice(1)}`, fresh: Name.slice(1) }
  }

  beforeAll(async () => {
    engine = await smallEngine()
  }, 60_000)
  beforeEach(() => {
    project = composeProject(engine, folder.path(), `calls${++number}`)
    mkdirSync(journal(), { recursive: true })
    project.env('TASK_TIMEOUT_SECONDS=1800\n')
    project.file(COMPOSE)
    project.compose('up', '-d')
  }, 60_000)
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
    project.compose('down', '-v', '-t', '1')
  }, 60_000)
  afterAll(async () => {
    await engine?.remove()
    folder.remove()
  }, 60_000)

  it('stale, damaged, copied and foreign entries stop no other one, and each gets its sentence once', async () => {
    const [worker, beat] = [of('worker'), of('beat')]
    engine.docker('run', '-d', '--init', '--network', 'none', '--name', `somebodys-${number}`, IMAGE, 'sleep', '1000')
    engine.docker('create', '--network', 'none', '--name', `${worker.Name.slice(1)}_new`, IMAGE, 'sleep', '1000')
    const foreign = inspect(`somebodys-${number}`)
    // Listed before and after the one that can be repaired.
    entry('a-stale', [swap('worker', 'f'.repeat(64))])
    entry('b-foreign', [swap('worker', foreign.Id)])
    entry('c-real', [swap('worker', 'e'.repeat(64)), swap('beat', beat.Id)])
    entry('d-foreign-new', [swap('worker', worker.Id, { newId: foreign.Id })])
    entry('c-real', [swap('worker', worker.Id)], 'e-copy')
    writeFileSync(join(journal(), 'f-damaged.json'), '{"id":')
    mkdirSync(join(journal(), 'g-folder.json'))
    engine.docker('stop', '-t', '1', beat.Id)
    engine.docker('rename', beat.Id, `${beat.Name.slice(1)}_old`)

    const one = stack()
    const told = await one.recover(signal)
    expect(told.filter((text) => text.includes('the old container is back as it was'))).toEqual([
      expect.stringContaining(beat.Name.slice(1)),
    ])
    expect(told.filter((text) => /which is not one of worker/.test(text))).toHaveLength(2)
    expect(told.filter((text) => /(e-copy|f-damaged|g-folder)\.json cannot be read/.test(text))).toHaveLength(3)
    expect(told).toHaveLength(6)
    expect(one.pending()).toHaveLength(2)
    expect(await one.recover(signal)).toEqual([])
    expect(readdirSync(journal()).sort()).toEqual([
      ...['b-foreign.json', 'd-foreign-new.json', 'e-copy.json', 'f-damaged.json', 'g-folder.json'],
    ])

    expect(await rows(one, 'beat')).toEqual([[beat.Name.slice(1), 'running']])
    expect(await rows(one, 'worker')).toEqual([[worker.Name.slice(1), 'running']])
    // What only has a name that the journal names is not touched.
    expect(inspect(foreign.Id).State).toEqual(foreign.State)
    expect(inspect(`${worker.Name.slice(1)}_new`).State.Status).toBe('created')
    engine.docker('rm', '-f', foreign.Id, `${worker.Name.slice(1)}_new`)
  }, 60_000)

  it('an old container that was removed meanwhile: the new one takes its place', async () => {
    const { Id, Name, Config } = of('worker')
    const labels = Object.entries(Config.Labels).flatMap(([key, value]) => ['--label', `${key}=${value}`])
    const fresh = engine.docker(
      'create',
      '--network',
      'none',
      '--init',
      '--name',
      `${Name.slice(1)}_new`,
      ...labels,
      IMAGE,
      'sleep',
      '1000',
    )
    entry('gone', [{ ...swap('beat', Id), service: 'worker', name: Name.slice(1), newId: fresh }])
    engine.docker('rm', '-f', Id)
    const one = stack()
    expect(await one.recover(signal)).toEqual([expect.stringMatching(/the new container is in its place/)])
    expect(await rows(one, 'worker')).toEqual([[Name.slice(1), 'running']])
    expect([one.pending(), readdirSync(journal())]).toEqual([[], []])
  }, 60_000)

  it('a leftover of compose is no second worker: not by a start, and it is removed once all is quiet', async () => {
    const { old, fresh } = interruptedByV1('worker')
    const patient = stack()
    await patient.start('worker', signal)
    expect(await rows(patient, 'worker')).toEqual(
      [
        [old, 'exited'],
        [fresh, 'running'],
      ].sort(),
    )
    // Somebody may still be replacing it.
    expect(await patient.recover(signal)).toEqual([])
    // Now there are two workers.
    engine.docker('start', old)
    const one = stack({ quietMs: AT_ONCE_MS })
    expect(await one.recover(signal)).toEqual([
      `worker (${fresh}): ${old}, left by an interrupted docker compose up, was removed.`,
    ])
    expect(await rows(one, 'worker')).toEqual([[fresh, 'running']])
    expect(await rows(one, 'beat')).toEqual([[of('beat').Name.slice(1), 'running']])
    expect(await one.recover(signal)).toEqual([])
  }, 60_000)

  it('without a journal and without a running replica nothing is changed: a notice asks a person', async () => {
    const { old, fresh } = interruptedByV1('worker')
    const one = stack({ quietMs: AT_ONCE_MS })
    expect(await one.recover(signal)).toEqual([
      expect.stringContaining(`an interrupted docker compose up left ${old}. Run docker compose up -d worker`),
    ])
    expect(await one.recover(signal)).toEqual([])
    expect((await rows(one, 'worker')).map(([container]) => container).sort()).toEqual([old, fresh].sort())
  }, 60_000)

  it('a replacement in progress is not repaired: by this stack, another of this process, or another machine', async () => {
    const { promise: release, resolve: letGo } = Promise.withResolvers<void>()
    const { promise: holding, resolve: held } = Promise.withResolvers<void>()
    // Created beside, its policy changed; the stop of the old one waits.
    const line = await holdAt(engine.socket, join(project.folder, 'line'), 3, () => held(), release)
    const one = stack({ docker: line.url })
    const recreated = one.recreate(['worker'], { TASK_TIMEOUT_SECONDS: '7200' }, signal)
    await holding
    const before = await rows(one, 'worker')
    expect(before).toHaveLength(2)
    const others = [
      one,
      stack({ docker: line.url }),
      stack({ dataDir: join(project.folder, 'other'), quietMs: AT_ONCE_MS }),
    ]
    for (const other of others) expect(await other.recover(signal)).toEqual([])
    expect(await rows(one, 'worker')).toEqual(before)
    letGo()
    expect(await recreated).toMatchObject({ ok: true })
    expect(await rows(one, 'worker')).toEqual([[of('worker').Name.slice(1), 'running']])
    expect(await Promise.all([one.recover(signal), one.recover(signal)])).toEqual([[], []])
    await line.close()
  }, 60_000)
})
