// The engine is lost in the middle of a recreate, after each of its steps and just before: the next start repairs it.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeStack } from '../../../electron/adapters/docker/stack.ts'
import { dockerMissing } from '../../support/dockerd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { cutAfter } from './cut-proxy.ts'
import { composeProject, type Project, type SmallEngine, smallEngine, WORKER } from './small-engine.ts'

/** Two networks: an engine before API 1.44 takes the second in a step of its own. */
const COMPOSE = `
services:
  worker:${WORKER}
    networks: [back, front]
networks: { back: , front: }
`
/** The changes that a recreate makes at the engine, in their order. */
const STEPS = ['create', 'connect', 'policy', 'stop', 'rename old', 'rename new', 'start', 'remove old'] as const
const because = dockerMissing()
const signal = AbortSignal.timeout(600_000)

describe.skipIf(because !== null)(`a recreate that is cut off${because === null ? '' : ` (${because})`}`, () => {
  const folder = temporaryFolder()
  let engine: SmallEngine
  let project: Project
  let limit = 7000

  const stackAt = (docker: string) =>
    composeStack({
      ...{ project: 'calls', docker, dataDir: join(project.folder, 'data'), settleMs: 300 },
      onProblem: () => undefined,
      environment: { PATH: '/nowhere' },
    })
  const worker = () =>
    JSON.parse(engine.docker('inspect', engine.docker('ps', '-aqf', 'label=com.docker.compose.service=worker')))[0]
  const limitOf = (inspect: ReturnType<typeof worker>) =>
    inspect.Config.Env.find((line: string) => line.startsWith('TASK_TIMEOUT_SECONDS='))

  beforeAll(async () => {
    engine = await smallEngine()
    project = composeProject(engine, folder.path(), 'calls')
    mkdirSync(join(project.folder, 'data'))
    project.env('TASK_TIMEOUT_SECONDS=1800\n')
    project.file(COMPOSE)
    project.compose('up', '-d')
  })
  afterAll(async () => {
    await engine?.remove()
    folder.remove()
  })

  it.each(STEPS.flatMap((step) => [[step, 'just before'] as const, [step, 'just after'] as const]))(
    '%s, %s',
    async (step, moment) => {
      const before = worker()
      const wanted = String(++limit)
      const path = join(project.folder, 'cut')
      const line = await cutAfter(engine.socket, path, STEPS.indexOf(step) + 1, moment === 'just after')
      const stack = stackAt(line.url)
      const recreated = await stack
        .recreate(['worker'], { TASK_TIMEOUT_SECONDS: wanted }, AbortSignal.timeout(60_000))
        .catch((error: unknown) => error)
      await stack.close()
      await line.close()
      // The journal names the engine by its address: Unjam starts again and finds it there.
      const again = await cutAfter(engine.socket, path, Number.POSITIVE_INFINITY, true)
      const next = stackAt(again.url)
      const told = await next.recover(signal)
      const after = worker()
      // When the removal of the old one is under way, the new one has been verified.
      const forward = step === 'remove old'
      expect(told).toEqual([
        expect.stringMatching(forward ? /was verified/ : /was interrupted; the old container is back/),
      ])
      expect(recreated).toMatchObject(forward ? { ok: true } : { ok: false, rolledBack: false })
      expect(limitOf(after)).toBe(forward ? `TASK_TIMEOUT_SECONDS=${wanted}` : limitOf(before))
      expect([after.Name, after.State.Running, after.HostConfig.RestartPolicy.Name, after.Id === before.Id]).toEqual([
        ...[before.Name, true, 'unless-stopped', !forward],
      ])
      expect(engine.docker('ps', '-aq').split('\n')).toHaveLength(1)
      expect(await next.recover(signal)).toEqual([])
      await next.close()
      await again.close()
    },
    30_000,
  )
})
