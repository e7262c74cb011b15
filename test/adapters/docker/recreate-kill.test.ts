// Unjam is killed with SIGKILL after each change that a recreate makes at the engine: the next start repairs it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeStack } from '../../../electron/adapters/docker/stack.ts'
import type { Stack } from '../../../electron/core/ports/stack.ts'
import { failureOf } from '../../support/acting.ts'
import { composeCli } from '../../support/compose-cli.ts'
import { dockerMissing } from '../../support/dockerd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'
import { cutAfter, holdAt } from './cut-proxy.ts'
import { composeProject, IMAGE, type Project, type SmallEngine, smallEngine, WORKER } from './small-engine.ts'

/** Two networks and an anonymous volume; the neighbour is not to be touched. */
const COMPOSE = `
services:
  worker:${WORKER}
    volumes: [/scratch]
    networks: [back, front]
  redis:
    image: ${IMAGE}
    init: true
    command: [sleep, "100000"]
    networks: [back]
networks: { back: , front: }
`
const because = dockerMissing()
const v2 = because === null ? composeCli('v2') : null
const signal = AbortSignal.timeout(280_000)

interface Way {
  readonly name: string
  readonly environment: NodeJS.ProcessEnv
  /** The changes that it makes at the engine, in their order, as the proxy sees them. */
  readonly steps: readonly string[]
  /** From this step on there is no old container to go back to. */
  readonly forward: string
}
const engineWay: Way = {
  name: 'the engine',
  environment: { PATH: '/nowhere' },
  steps: ['create', 'connect', 'policy', 'stop', 'rename old', 'rename new', 'start', 'remove old'],
  forward: 'remove old',
}
const ways: readonly Way[] = [
  engineWay,
  {
    name: 'docker-compose v1',
    environment: { PATH: process.env.PATH, DOCKER_CONFIG: '/nowhere' },
    steps: ['stop', 'rename old', 'create', 'disconnect', 'connect', 'connect second', 'start', 'remove old'],
    forward: 'start',
  },
  ...(v2 === null
    ? []
    : [
        {
          name: 'docker compose v2',
          environment: { PATH: process.env.PATH, HOME: process.env.HOME, ...v2.env },
          steps: ['create', 'connect', 'stop', 'remove old', 'rename new', 'start'],
          forward: 'remove old',
        },
      ]),
]

describe.skipIf(because !== null)(`a recreate that is killed${because === null ? '' : ` (${because})`}`, () => {
  const folder = temporaryFolder()
  let engine: SmallEngine
  let limit = 7000

  beforeAll(async () => {
    engine = await smallEngine()
  }, 60_000)
  afterAll(async () => {
    await engine?.remove()
    folder.remove()
  }, 60_000)

  describe.each(ways)('by $name', ({ name, environment, steps, forward }) => {
    let project: Project
    let line: string
    const open: Stack[] = []
    const data = () => join(project.folder, 'data')
    const containers = () =>
      JSON.parse(
        engine.docker(
          'inspect',
          ...engine.docker('ps', '-aqf', `label=com.docker.compose.project=${project.name}`).split('\n'),
        ),
      ) as ReturnType<typeof JSON.parse>[]
    const of = (service: string) =>
      containers().filter(({ Config }) => Config.Labels['com.docker.compose.service'] === service)
    const limitOf = (inspect: ReturnType<typeof JSON.parse>) =>
      inspect.Config.Env.find((text: string) => text.startsWith('TASK_TIMEOUT_SECONDS='))
    const volumesOf = (inspect: ReturnType<typeof JSON.parse>) =>
      inspect.Mounts.map((one: { Name: string }) => one.Name)

    function stack(): Stack {
      const one = composeStack({
        ...{ project: project.name, docker: `unix://${line}`, dataDir: data(), settleMs: 300 },
        ...{ environment, onProblem: () => undefined },
      })
      open.push(one)
      return one
    }
    function unjam(): ChildProcess {
      project.env(`TASK_TIMEOUT_SECONDS=${++limit}\n`)
      const main = join(import.meta.dirname, 'recreate-main.ts')
      return spawn(process.execPath, [main, `unix://${line}`, project.name, data(), String(limit)], {
        env: { ...environment },
        stdio: ['ignore', 'inherit', 'inherit'],
      })
    }
    /** Unjam is started again, with a line to the engine that holds. */
    async function recovered(): Promise<string[]> {
      const whole = await cutAfter(engine.socket, line, Number.POSITIVE_INFINITY, true)
      const next = stack()
      const told: string[] = []
      try {
        // The compose command that lost its engine may take a moment to end.
        await until(
          'nothing is pending',
          async () => {
            told.push(...(await next.recover(signal)))
            return next.pending().length === 0
          },
          20_000,
        )
        expect(await next.recover(signal)).toEqual([])
      } finally {
        await whole.close()
      }
      return told.filter((sentence) => !sentence.includes('is still replacing containers'))
    }
    async function killedAfter(step: string): Promise<void> {
      let child: ChildProcess | null = null
      const cut = await cutAfter(engine.socket, line, steps.indexOf(step) + 1, true, () => child?.kill('SIGKILL'))
      child = unjam()
      expect((await once(child, 'exit'))[1]).toBe('SIGKILL')
      await cut.close()
    }

    beforeAll(() => {
      project = composeProject(engine, folder.path(), `app${ways.findIndex((way) => way.name === name)}`)
      line = join(project.folder, 'line')
      mkdirSync(data())
      project.env(`TASK_TIMEOUT_SECONDS=${limit}\n`)
      project.file(COMPOSE)
      project.compose('up', '-d')
    }, 60_000)
    afterAll(async () => {
      for (const one of open) await one.close()
      project.compose('down', '-v', '-t', '1')
    }, 60_000)

    it.each(steps)(
      'after “%s”: exactly one container, with the old or the new settings, and it runs',
      async (step) => {
        const [old] = of('worker')
        const [redis] = of('redis')
        await killedAfter(step)
        const told = await recovered()
        expect(told, told.join()).toHaveLength(steps.at(-1) === step && name.startsWith('docker') ? 0 : 1)
        const workers = of('worker')
        expect(workers).toHaveLength(1)
        const goesForward = steps.indexOf(step) >= steps.indexOf(forward)
        expect(limitOf(workers[0])).toBe(goesForward ? `TASK_TIMEOUT_SECONDS=${limit}` : limitOf(old))
        expect(workers[0].Id === old.Id).toBe(!goesForward)
        expect([workers[0].State.Running, workers[0].State.Restarting]).toEqual([true, false])
        // v2 names what it makes of a container of v1 with hyphens.
        expect(workers[0].Name).toMatch(/^\/app\d[-_]worker[-_]1$/)
        expect(workers[0].HostConfig.RestartPolicy.Name).toBe('unless-stopped')
        expect(volumesOf(workers[0])).toEqual(volumesOf(old))
        expect(of('redis').map(({ Id, State }) => [Id, State.StartedAt])).toEqual([[redis.Id, redis.State.StartedAt]])
        expect(readdirSync(join(data(), 'recreate'))).toEqual([])
      },
      60_000,
    )

    it.skipIf(name === 'the engine')(
      'aborted while compose stops the old container: one that runs, as the answer says',
      async () => {
        const [old] = of('worker')
        const abort = new AbortController()
        const at = steps.indexOf('stop') + 1
        const proxy = await holdAt(engine.socket, line, at, () => abort.abort(), Promise.resolve())
        project.env(`TASK_TIMEOUT_SECONDS=${++limit}\n`)
        const outcome = await stack().recreate(['worker'], {}, abort.signal)
        expect(outcome).toMatchObject({ ok: false, way: 'compose' })
        const workers = of('worker')
        expect(workers.map(({ State }) => State.Running)).toEqual([true])
        expect(workers[0].Id === old.Id).toBe(outcome.ok === false && outcome.rolledBack)
        expect(readdirSync(join(data(), 'recreate'))).toEqual([])
        await proxy.close()
      },
      60_000,
    )

    it('a service that was stopped stays stopped', async () => {
      engine.docker('stop', '-t', '1', of('worker')[0].Id)
      const [old] = of('worker')
      await killedAfter(name === 'docker-compose v1' ? 'disconnect' : 'stop')
      await recovered()
      const workers = of('worker')
      expect(workers.map(({ Name, State }) => [Name, State.Running])).toEqual([[old.Name, false]])
      expect(volumesOf(workers[0])).toEqual(volumesOf(old))
      engine.docker('start', workers[0].Id)
    }, 60_000)
  })

  it.skipIf(v2 === null)(
    'compose outlives Unjam: nothing is repaired while it runs, and what it completes stays',
    async () => {
      const project = composeProject(engine, folder.path(), 'outlives')
      const data = join(project.folder, 'data')
      const line = join(project.folder, 'line')
      mkdirSync(data)
      project.env('TASK_TIMEOUT_SECONDS=1\n')
      project.file(COMPOSE)
      project.compose('up', '-d')
      project.env('TASK_TIMEOUT_SECONDS=2\n')
      const environment = { PATH: process.env.PATH, HOME: process.env.HOME, ...v2?.env }
      const { promise: release, resolve: let_go } = Promise.withResolvers<void>()
      let child: ChildProcess | null = null
      const held = await holdAt(engine.socket, line, 3, () => child?.kill('SIGKILL'), release)
      const main = join(import.meta.dirname, 'recreate-main.ts')
      child = spawn(process.execPath, [main, `unix://${line}`, 'outlives', data, '2'], { env: environment })
      await once(child, 'exit')
      const stack = composeStack({
        ...{ project: 'outlives', docker: `unix://${line}`, dataDir: data, settleMs: 300 },
        ...{ environment, onProblem: () => undefined },
      })
      const busy = [expect.stringMatching(/docker compose \(process \d+\) is still replacing containers/)]
      expect(await stack.recover(signal)).toEqual(busy)
      expect(stack.pending()).toEqual(busy)
      expect(await failureOf(stack.stop('worker', signal))).toMatchObject({ kind: 'busy', on: 'worker' })
      // Said once.
      expect(await stack.recover(signal)).toEqual([])
      const [file = ''] = readdirSync(join(data, 'recreate'))
      expect(statSync(join(data, 'recreate', file)).mode & 0o777).toBe(0o600)
      expect(statSync(join(data, 'recreate')).mode & 0o777).toBe(0o700)
      let_go()
      await until(
        'nothing is pending',
        async () => {
          await stack.recover(signal)
          return stack.pending().length === 0
        },
        30_000,
      )
      const workers = (await stack.services(signal)).filter(({ service }) => service === 'worker')
      expect(workers.map(({ container, state }) => [container, state])).toEqual([['outlives-worker-1', 'running']])
      const values = (await stack.environments(signal)).find(({ service }) => service === 'worker')?.values
      expect(values?.TASK_TIMEOUT_SECONDS).toBe('2')
      expect(existsSync(join(data, 'recreate', file))).toBe(false)
      await stack.close()
      await held.close()
    },
    90_000,
  )
})
