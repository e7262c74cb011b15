// A changed .env reaches a new container, by compose and by the engine; a broken value does not stay.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { composeStack } from '../../../electron/adapters/docker/stack.ts'
import type { Stack } from '../../../electron/core/ports/stack.ts'
import { failureOf } from '../../support/acting.ts'
import { composeCli } from '../../support/compose-cli.ts'
import { dockerMissing } from '../../support/dockerd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { composeProject, IMAGE, type Project, type SmallEngine, smallEngine, WORKER } from './small-engine.ts'

/** With an anonymous volume, a network of its own name with an alias, and a neighbour that nothing may touch. */
const COMPOSE = `
services:
  worker:${WORKER}
    labels: { team: calls }
    volumes: [/scratch]
    networks: { back: { aliases: [the-worker] }, front: }
  redis:
    image: ${IMAGE}
    init: true
    command: [sleep, "100000"]
    networks: [back]
networks: { back: , front: }
`
const because = dockerMissing()
const signal = AbortSignal.timeout(600_000)
const v2 = because === null ? composeCli('v2') : null
const ways: [name: string, environment: NodeJS.ProcessEnv | null][] = [
  ['docker-compose v1', {}],
  ...(v2 === null ? [] : [['docker compose v2', v2.env] as (typeof ways)[0]]),
  ['the engine', null],
]

describe.skipIf(because !== null)(
  `recreate on dockerd${because === null ? '' : ` (${because})`}`,
  () => {
    const folder = temporaryFolder()
    let engine: SmallEngine
    let project: Project
    let number = 0
    const open: Stack[] = []

    /** As a person has it: with a TASK_TIMEOUT_SECONDS in Unjam's own environment, which must not win. */
    function stackBy(environment: NodeJS.ProcessEnv | null, settleMs = 600): Stack {
      const own = { TASK_TIMEOUT_SECONDS: '1' }
      const stack = composeStack({
        ...{ project: project.name, docker: engine.url, dataDir: join(project.folder, 'data'), settleMs },
        onProblem: () => undefined,
        environment:
          environment === null
            ? { ...own, PATH: '/nowhere' }
            : { ...process.env, ...withoutConfig(environment), ...own },
      })
      open.push(stack)
      return stack
    }
    const inspect = (name: string) => JSON.parse(engine.docker('inspect', name))[0]
    const worker = () => inspect(engine.docker('ps', '-aqf', 'label=com.docker.compose.service=worker'))
    const limitOf = async (stack: Stack) =>
      (await stack.environments(signal)).find(({ service }) => service === 'worker')?.values.TASK_TIMEOUT_SECONDS
    const names = () => engine.docker('ps', '-a', '--format', '{{.Names}}').split('\n').sort()

    beforeAll(async () => {
      engine = await smallEngine()
    })
    beforeEach(() => {
      project = composeProject(engine, folder.path(), `calls${++number}`)
      mkdirSync(join(project.folder, 'data'))
      project.env('TASK_TIMEOUT_SECONDS=1800\n')
      project.file(COMPOSE)
      project.compose('up', '-d')
    })
    afterEach(async () => {
      for (const stack of open.splice(0)) await stack.close()
      project.compose('down', '-v', '-t', '1')
    })
    afterAll(async () => {
      await engine?.remove()
      folder.remove()
    })

    it.each(ways)(
      '%s applies a changed .env to this service alone, and the value is read back',
      async (name, environment) => {
        const stack = stackBy(environment)
        const before = {
          worker: worker(),
          redis: inspect(engine.docker('ps', '-aqf', 'label=com.docker.compose.service=redis')),
        }
        project.env('TASK_TIMEOUT_SECONDS=7200\r\n')
        const recreated = await stack.recreate(['worker'], { TASK_TIMEOUT_SECONDS: '7200' }, signal)
        expect(recreated).toMatchObject({ ok: true, way: name === 'the engine' ? 'engine' : 'compose' })
        expect(await limitOf(stack)).toBe('7200')
        const after = worker()
        expect(after.Id).not.toBe(before.worker.Id)
        expect(after.State.Running).toBe(true)
        expect(inspect(before.redis.Id).State.StartedAt).toBe(before.redis.State.StartedAt)
        expect(after.HostConfig.RestartPolicy.Name).toBe('unless-stopped')
        expect(after.Config.Labels.team).toBe('calls')
        // The same anonymous volume, the same networks, the same alias.
        expect(after.Mounts.map((mount: { Name: string }) => mount.Name)).toEqual(
          before.worker.Mounts.map((mount: { Name: string }) => mount.Name),
        )
        expect(Object.keys(after.NetworkSettings.Networks).sort()).toEqual(
          Object.keys(before.worker.NetworkSettings.Networks).sort(),
        )
        expect(after.NetworkSettings.Networks[`${project.name}_back`].Aliases).toContain('the-worker')
        if (name === 'the engine') expect(after.Name).toBe(before.worker.Name)
        expect(names()).toHaveLength(2)
      },
      60_000,
    )

    it.each(ways)(
      '%s: a value that the worker does not survive',
      async (name, environment) => {
        // On a busy machine its shell may take a second to get so far as to fail.
        const stack = stackBy(environment, 4000)
        const before = worker()
        project.env('TASK_TIMEOUT_SECONDS=abc\n')
        const recreated = await stack.recreate(['worker'], { TASK_TIMEOUT_SECONDS: 'abc' }, signal)
        const byEngine = name === 'the engine'
        expect(recreated).toMatchObject({
          ok: false,
          rolledBack: byEngine,
          because: expect.stringMatching(/it ended (with code 1|soon after its start)/),
        })
        expect(recreated.ok === false && recreated.log.join('\n')).toContain(
          "ValueError: invalid literal for int() with base 10: 'abc'",
        )
        if (byEngine) {
          const after = worker()
          expect([after.Id, after.Name, after.State.Running]).toEqual([before.Id, before.Name, true])
          expect(after.HostConfig.RestartPolicy.Name).toBe('unless-stopped')
          expect(await limitOf(stack)).toBe('1800')
        } else {
          // Compose knows no way back: the file is put back first, then the service is made once more.
          project.env('TASK_TIMEOUT_SECONDS=1800\n')
          expect(await stack.recreate(['worker'], {}, signal)).toMatchObject({ ok: true })
          expect(await limitOf(stack)).toBe('1800')
        }
        expect(names()).toHaveLength(2)
      },
      90_000,
    )

    it('compose that gives up before it touched anything leaves the old container, and says so', async () => {
      project.file(`${COMPOSE}\n  bad: [unclosed\n`)
      const before = worker()
      const recreated = await stackBy({}).recreate(['worker'], {}, signal)
      expect(recreated).toMatchObject({ ok: false, way: 'compose', rolledBack: true, log: [] })
      expect(worker().Id).toBe(before.Id)
      project.file(COMPOSE)
    })

    it('a removed key is gone from the container, or empty where the file says so', async () => {
      const stack = stackBy(null)
      expect(await stack.recreate(['worker'], { TASK_TIMEOUT_SECONDS: null }, signal)).toMatchObject({ ok: true })
      expect(await limitOf(stack)).toBe('')
    })

    it('refuses to touch a container when a name it needs is taken', async () => {
      const before = worker()
      engine.docker('run', '-d', '--network', 'none', '--name', `${before.Name.slice(1)}_old`, IMAGE, 'sleep', '100')
      const failure = await failureOf(stackBy(null).recreate(['worker'], { TASK_TIMEOUT_SECONDS: '60' }, signal))
      expect(failure).toMatchObject({
        kind: 'refused',
        because: `a container called ${before.Name.slice(1)}_old exists already`,
      })
      expect(worker().Id).toBe(before.Id)
      engine.docker('rm', '-f', `${before.Name.slice(1)}_old`)
    })

    it('a journal that cannot be read is named', async () => {
      mkdirSync(join(project.folder, 'data/recreate'))
      writeFileSync(join(project.folder, 'data/recreate/x.json'), '{"id":')
      expect(await stackBy(null).recover(signal)).toEqual([expect.stringMatching(/x\.json cannot be read/)])
    })
  },
  280_000,
)

/** DOCKER_CONFIG decides which compose there is: v1 when the folder has no plugin. */
function withoutConfig(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { DOCKER_CONFIG: '/nowhere', ...environment }
}
