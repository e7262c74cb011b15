// TASK_TIMEOUT_SECONDS set by the action on a real dockerd: seen inside the new container, taken back when it is broken.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeStack } from '../../../electron/adapters/docker/stack.ts'
import { openEnvFile } from '../../../electron/adapters/env-file.ts'
import { readEnvState, taskTimeoutMs } from '../../../electron/core/env-state.ts'
import { act, acting, admin, failureOf } from '../../support/acting.ts'
import { composeCli } from '../../support/compose-cli.ts'
import { dockerMissing } from '../../support/dockerd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { composeProject, IMAGE, type SmallEngine, smallEngine, WORKER } from './small-engine.ts'

const COMPOSE = `
services:
  worker:${WORKER}
  once:${WORKER.replace('unless-stopped', '"no"')}
  redis:
    image: ${IMAGE}
    init: true
    command: [sleep, "100000"]
`
const TEXT = '\uFEFF# the stack\r\nTASK_TIMEOUT_SECONDS=1800 # half an hour\r\nREDIS_PASSWORD=hunter22'
const because = dockerMissing()
const v2 = because === null ? composeCli('v2') : null
const ways: [name: string, environment: Record<string, string | undefined>][] = [
  ['docker-compose v1', { ...process.env, DOCKER_CONFIG: '/nowhere' }],
  ...(v2 === null ? [] : [['docker compose v2', { ...process.env, ...v2.env }] as (typeof ways)[0]]),
  ['the engine', { PATH: '/nowhere' }],
]

describe.skipIf(because !== null)(`set-env on dockerd${because === null ? '' : ` (${because})`}`, () => {
  const folders = temporaryFolder()
  const signal = AbortSignal.timeout(600_000)
  let engine: SmallEngine
  beforeAll(async () => {
    engine = await smallEngine()
  })
  afterAll(async () => {
    await engine?.remove()
    folders.remove()
  })

  it.each(ways)(
    'by %s: set, read back, undone; a broken value leaves file and container as they were',
    async (way, environment) => {
      const project = composeProject(engine, folders.path(), `app${ways.findIndex(([name]) => name === way)}`)
      project.env(TEXT)
      project.file(COMPOSE)
      project.compose('up', '-d')
      const path = join(project.folder, '.env')
      const env = openEnvFile(path)
      const stack = composeStack({
        ...{ project: project.name, docker: engine.url, dataDir: join(project.folder, 'data'), settleMs: 600 },
        ...{ environment, onProblem: () => undefined },
      })
      const inside = async () =>
        (await stack.environments(signal)).find(({ service }) => service === 'worker')?.values.TASK_TIMEOUT_SECONDS
      const others = async () =>
        (await stack.services(signal))
          .filter(({ service }) => service === 'redis')
          .map(({ id, startedAt }) => [id, startedAt])
      const untouched = await others()
      try {
        const on = acting([], { kind: 'recordings', parts: { env, stack } })
        const set = (value: string) => act(on, { action: 'set-env', params: { TASK_TIMEOUT_SECONDS: value } })

        const { receipt } = await set('7200')
        expect(receipt.summary).toMatch(/Read back: .*\bworker has TASK_TIMEOUT_SECONDS=7200/)
        expect(readFileSync(path, 'utf8')).toBe(TEXT.replace('1800', '7200'))
        expect(await inside()).toBe('7200')
        expect(taskTimeoutMs(await readEnvState(env, stack, signal))).toBe(7_200_000)

        await on.actions.undo(receipt.id, admin)
        expect(readFileSync(path, 'utf8')).toBe(TEXT)
        expect(await inside()).toBe('1800')

        const failure = await failureOf(set('abc'))
        expect(failure).toMatchObject({ kind: 'refused', remedy: expect.stringMatching(/^The file is as it was, /) })
        expect(failure.because).toContain('ValueError: invalid literal for int()')
        expect(readFileSync(path, 'utf8')).toBe(TEXT)
        expect(await inside()).toBe('1800')
        // Also where the engine does not restart what ended with the broken value.
        expect((await stack.services(signal)).map(({ service, state }) => [service, state]).sort()).toEqual([
          ['once', 'running'],
          ['redis', 'running'],
          ['worker', 'running'],
        ])
        expect(await others()).toEqual(untouched)
      } finally {
        await stack.close()
      }
    },
    150_000,
  )
})
