// Services of a real compose project on a real engine: read, followed, started, stopped, restarted, scaled.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeStack } from '../../../electron/adapters/docker/stack.ts'
import type { Stack } from '../../../electron/core/ports/stack.ts'
import { act, acting, admin, failureOf } from '../../support/acting.ts'
import { dockerMissing } from '../../support/dockerd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'
import { composeProject, IMAGE, type Project, type SmallEngine, smallEngine, WORKER } from './small-engine.ts'

const COMPOSE = `
services:
  worker:${WORKER}
    stop_grace_period: 90s
  redis:
    image: ${IMAGE}
    init: true
    command: [sleep, "100000"]
    ports: ["127.0.0.1:16801:6379"]
    healthcheck: { test: [CMD, cat, /etc/hostname], interval: 1s, retries: 3 }
  sick:
    image: ${IMAGE}
    init: true
    command: [sleep, "100000"]
    container_name: the-sick-one
    healthcheck: { test: [CMD-SHELL, "echo no token; exit 1"], interval: 1s, retries: 1 }
  quits:
    image: ${IMAGE}
    command: [sh, -c, "exit 3"]
`
const because = dockerMissing()

describe.skipIf(because !== null)(
  `a stack on dockerd${because === null ? '' : ` (${because})`}`,
  () => {
    const folder = temporaryFolder()
    const signal = AbortSignal.timeout(600_000)
    const problems: string[] = []
    let engine: SmallEngine
    let project: Project
    let stack: Stack
    const services = async (name: string) => (await stack.services(signal)).filter(({ service }) => service === name)

    beforeAll(async () => {
      engine = await smallEngine()
      project = composeProject(engine, folder.path(), 'calls')
      project.env('TASK_TIMEOUT_SECONDS=1800\n')
      project.file(COMPOSE)
      project.compose('up', '-d')
      stack = composeStack({
        ...{ project: 'calls', docker: engine.url, dataDir: folder.path(), settleMs: 1000 },
        onProblem: (sentence) => problems.push(sentence),
      })
    })
    afterAll(async () => {
      await stack?.close()
      await engine?.remove()
      folder.remove()
    })

    it('says which project, which engine, and where the files are', async () => {
      expect(await stack.info(signal)).toMatchObject({
        ...{ project: 'calls', workingDir: project.folder, configFiles: [`${project.folder}/docker-compose.yml`] },
        ...{ envFile: `${project.folder}/.env`, filesHere: true },
        engine: {
          endpoint: engine.url,
          apiVersion: expect.stringMatching(/^1\.\d+$/),
          os: 'linux',
          memoryBytes: expect.any(Number),
        },
        compose: expect.stringMatching(/^\d+\.\d+/),
      })
    })

    it('reads state, health and its last words, exit codes, ports and image', async () => {
      await until('the sick one is unhealthy and redis healthy', async () => {
        const healths = new Map((await stack.services(signal)).map(({ service, health }) => [service, health]))
        return healths.get('sick') === 'unhealthy' && healths.get('redis') === 'healthy'
      })
      const [redis] = await services('redis')
      expect(redis).toMatchObject({
        ...{
          number: 1,
          image: IMAGE,
          state: 'running',
          health: 'healthy',
          restarts: 0,
          exitCode: null,
          outOfMemory: false,
        },
        ...{ endedAt: null, ports: ['127.0.0.1:16801 → 6379/tcp'] },
        shell: `docker -H ${engine.url} exec -it ${redis?.container} sh`,
      })
      expect(Date.now() - Date.parse(redis?.startedAt ?? '')).toBeLessThan(120_000)
      expect((await services('sick'))[0]).toMatchObject({ container: 'the-sick-one', healthOutput: 'no token' })
      expect((await services('quits'))[0]).toMatchObject({
        state: 'exited',
        exitCode: 3,
        health: null,
        cpuPercent: null,
      })
      expect((await services('worker'))[0]).toMatchObject({ health: null, stopGraceMs: 90_000 })
      expect(redis?.stopGraceMs).toBe(10_000)
    })

    it('measures CPU from two samples, and memory, only while somebody asks', async () => {
      await until('the worker has a percentage', async () => (await services('worker'))[0]?.cpuPercent !== null)
      const [worker] = await services('worker')
      expect(worker?.cpuPercent).toBeGreaterThanOrEqual(0)
      expect(worker?.cpuPercent).toBeLessThan(200)
      expect(worker?.memoryBytes).toBeGreaterThan(10_000)
    })

    it('a killed container is noticed by the events, before anybody asks', async () => {
      let hints = 0
      const quiet = stack.onChange(() => hints++)
      await until('the stream stands', () => hints > 0)
      const before = hints
      engine.docker('kill', 'the-sick-one')
      await until('a hint', () => hints > before)
      expect((await services('sick'))[0]).toMatchObject({ state: 'exited', exitCode: 137 })
      quiet()
      // Not by Unjam: its health check may say so before it has settled, and then the start is refused.
      engine.docker('start', 'the-sick-one')
    })

    it('stop, start and restart wait until it is so; others stay as they were', async () => {
      const redis = (await services('redis'))[0]
      await stack.stop('worker', signal)
      expect((await services('worker'))[0]?.state).toBe('exited')
      await stack.start('worker', signal)
      const started = (await services('worker'))[0]
      expect(started?.state).toBe('running')
      await stack.restart('worker', signal)
      const restarted = (await services('worker'))[0]
      expect(restarted?.id).toBe(started?.id)
      expect(Date.parse(restarted?.startedAt ?? '')).toBeGreaterThan(Date.parse(started?.startedAt ?? ''))
      expect((await services('redis'))[0]?.startedAt).toBe(redis?.startedAt)
      expect(stack.command('restart', ['worker'])).toBe(`docker -H ${engine.url} restart ${restarted?.container}`)
    })

    it('a paused container goes on where it was, by the command that is shown, whatever its check said meanwhile', async () => {
      const [before] = await services('sick')
      engine.docker('pause', before?.container ?? '')
      expect((await services('sick'))[0]?.state).toBe('paused')
      await stack.info(signal)
      expect(stack.command('start', ['sick'])).toBe(`docker -H ${engine.url} unpause ${before?.container}`)
      await stack.start('sick', signal)
      const [after] = await services('sick')
      expect(after).toMatchObject({ state: 'running', id: before?.id, startedAt: before?.startedAt })
    })

    it('a service that ends as soon as it starts is a failure with its code', async () => {
      const failure = await failureOf(stack.start('quits', signal))
      expect(failure).toMatchObject({ kind: 'refused', tried: 'Start quits', because: 'it ended with code 3' })
    })

    it('a restart keeps the old environment, however .env was changed', async () => {
      project.env('TASK_TIMEOUT_SECONDS=7200\n')
      await stack.restart('worker', signal)
      const [worker] = (await stack.environments(signal)).filter(({ service }) => service === 'worker')
      expect(worker?.values.TASK_TIMEOUT_SECONDS).toBe('1800')
      project.env('TASK_TIMEOUT_SECONDS=1800\n')
    })

    it('scales through compose without touching the first, and back', async () => {
      const [first] = await services('worker')
      expect(await stack.scalable('worker', signal)).toEqual({ can: true })
      expect(await stack.scale('worker', 2, signal)).toEqual({ from: 1, to: 2 })
      expect((await services('worker')).map(({ id, number }) => [id === first?.id, number])).toEqual([
        [true, 1],
        [false, 2],
      ])
      expect(await stack.scale('worker', 1, signal)).toEqual({ from: 2, to: 1 })
      expect((await services('worker')).map(({ id }) => id)).toEqual([first?.id])
    })

    it('says why a service cannot have replicas', async () => {
      expect(await stack.scalable('redis', signal)).toMatchObject({
        because: 'redis publishes the fixed port 16801, which only one container can have.',
      })
      expect(await stack.scalable('sick', signal)).toMatchObject({
        because: 'sick has a fixed container_name, so there can be one container only.',
      })
      const bare = composeStack({
        project: 'calls',
        docker: engine.url,
        dataDir: folder.path(),
        onProblem: () => undefined,
        environment: { PATH: '/nowhere' },
      })
      expect(await bare.scalable('worker', signal)).toMatchObject({
        because: 'Scaling needs the docker compose command, and this machine has none.',
      })
      expect((await bare.info(signal)).compose).toBeNull()
      await bare.close()
    })

    it('tells which service uses which key; a file with an error is told once, with its line', async () => {
      expect(await stack.uses(signal)).toEqual({ TASK_TIMEOUT_SECONDS: ['worker'] })
      project.file(`${COMPOSE}\n  bad: [unclosed\n`)
      expect(await stack.uses(signal)).toBeNull()
      expect(await stack.uses(signal)).toBeNull()
      project.file(COMPOSE)
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(/Read the compose file \(.*docker-compose\.yml, line \d+\)/)
    })

    it('actions: a stop is previewed with its command, and its undo starts the very same container', async () => {
      const world = acting([], { kind: 'recordings', parts: { stack } })
      const before = await services('worker')
      const { preview, receipt } = await act(world, { action: 'stop-service', target: ['worker'] })
      expect(preview).toMatchObject({ count: 1, command: `docker -H ${engine.url} stop ${before[0]?.container}` })
      expect((await services('worker'))[0]?.state).toBe('exited')
      expect((await world.actions.undo(receipt.id, admin)).undone).toMatchObject({ restored: 1, left: [] })
      expect((await services('worker')).map(({ id, state }) => [id, state])).toEqual([[before[0]?.id, 'running']])
    })

    it('an unknown service and an unknown project are named, with those that exist', async () => {
      const missing = await failureOf(stack.stop('wrker', signal))
      expect(missing).toMatchObject({ kind: 'missing', remedy: 'These services exist: quits, redis, sick, worker.' })
      const other = composeStack({
        project: 'nothing',
        docker: engine.url,
        dataDir: folder.path(),
        onProblem: () => undefined,
      })
      expect(await failureOf(other.info(signal))).toMatchObject({ kind: 'missing', on: 'nothing' })
    })

    it('an engine that went away and came back is followed again, and read again', async () => {
      let hints = 0
      stack.onChange(() => hints++)
      await until('the stream stands', () => hints > 0)
      await engine.stop()
      expect((await failureOf(stack.services(signal))).kind).toBe('unreachable')
      await engine.start()
      expect((await stack.services(signal)).length).toBe(4)
      const before = hints
      await until('a hint', () => hints > before)
      expect(problems.at(-1)).toContain('Follow the events of the stack')
    })
  },
  120_000,
)
