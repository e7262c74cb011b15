// What previews of service actions say, held against what compose and the engine then do with services in every state.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeStack } from '../../../electron/adapters/docker/stack.ts'
import { openEnvFile } from '../../../electron/adapters/env-file.ts'
import type { Preview } from '../../../electron/contract/action.ts'
import type { Service } from '../../../electron/contract/service.ts'
import { act, acting, admin, failureOf } from '../../support/acting.ts'
import { composeCli } from '../../support/compose-cli.ts'
import { dockerMissing } from '../../support/dockerd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { composeProject, type SmallEngine, smallEngine, WORKER } from './small-engine.ts'

const NAMES = ['runs', 'halted', 'held', 'fresh', 'twin', 'absent']
const COMPOSE = `services:\n${NAMES.map((name) => `  ${name}:${WORKER}`).join('\n')}\n`
const because = dockerMissing()
const v2 = because === null ? composeCli('v2') : null
const ways: [name: string, environment: Record<string, string | undefined>][] = [
  ['docker-compose v1', { ...process.env, DOCKER_CONFIG: '/nowhere' }],
  ...(v2 === null ? [] : [['docker compose v2', { ...process.env, ...v2.env }] as (typeof ways)[0]]),
  ['the engine', { PATH: '/nowhere' }],
]
const isUp = ({ state }: Service) => state === 'running'

/** Containers that a sentence of the preview names. */
function named(preview: Preview, pattern: RegExp): string[] {
  const sentences = [preview.summary, ...preview.know].flatMap((text) => text.match(/[^.]+\./g) ?? [])
  const [, names = ''] = sentences.map((sentence) => pattern.exec(sentence.trim())).find((one) => one !== null) ?? []
  return names.split(/, | and /).filter((name) => name !== '')
}
const STAYS = /^(.+) (?:is|are) stopped now and stays? stopped/
const WILL_RUN = /^(.+) (?:is|are) (?:stopped|paused) now and will run afterwards/

describe.skipIf(because !== null)(`previews on dockerd${because === null ? '' : ` (${because})`}`, () => {
  const folders = temporaryFolder()
  const signal = AbortSignal.timeout(280_000)
  let engine: SmallEngine
  beforeAll(async () => {
    engine = await smallEngine()
  })
  afterAll(async () => {
    await engine.remove()
    folders.remove()
  })

  describe.each(ways)('by %s', (way, environment) => {
    const byEngine = way === 'the engine'
    let project: ReturnType<typeof composeProject>
    let stack: ReturnType<typeof composeStack>
    let on: ReturnType<typeof acting>
    const all = async (service?: string) =>
      (await stack.services(signal)).filter((one) => service === undefined || one.service === service)
    const one = async (service: string, number = 1) =>
      (await all(service)).find((container) => container.number === number) as Service
    const limitIn = (container: string) =>
      engine.docker('inspect', '-f', '{{range .Config.Env}}{{println .}}{{end}}', container).match(/SECONDS=(.*)/)?.[1]
    const key = ({ service, number }: Service) => `${service} ${number}`
    const running = async () => (await all()).filter(isUp).map(key)

    beforeAll(async () => {
      project = composeProject(engine, folders.path(), `previews${ways.findIndex(([name]) => name === way)}`)
      mkdirSync(join(project.folder, 'data'))
      project.env('TASK_TIMEOUT_SECONDS=1800\n')
      project.file(COMPOSE)
      project.compose('up', '-d', '--scale', 'twin=2', 'runs', 'halted', 'held', 'twin')
      project.compose('create', 'fresh')
      const env = openEnvFile(join(project.folder, '.env'))
      stack = composeStack({
        ...{ project: project.name, docker: engine.url, dataDir: join(project.folder, 'data'), settleMs: 300 },
        ...{ environment, onProblem: () => undefined },
      })
      on = acting([], { kind: 'recordings', parts: { env, stack } })
      engine.docker('stop', '-t', '1', (await one('halted')).container, (await one('twin', 2)).container)
      engine.docker('pause', (await one('held')).container)
    }, 120_000)
    afterAll(async () => {
      await stack.close()
      project.compose('down', '-v', '-t', '1')
    }, 60_000)

    it('set-env and its undo: which containers stay stopped or run, how many, and with which value', async () => {
      const before = await all()
      const { preview, receipt } = await act(on, { action: 'set-env', params: { TASK_TIMEOUT_SECONDS: '7200' } })
      const keyOf = new Map(before.map((container) => [container.container, key(container)]))
      const keys = (names: string[]) => names.map((name) => keyOf.get(name)).sort()
      expect(keys(named(preview, STAYS))).toEqual(['fresh 1', 'halted 1', 'twin 2'])
      expect(keys(named(preview, WILL_RUN))).toEqual(['held 1'])

      const after = await all()
      // As many as there were, none of what was never created.
      expect(after.map(key)).toEqual(before.map(key))
      expect(after.filter(isUp).map(key)).toEqual(['held 1', 'runs 1', 'twin 1'])
      for (const container of after) {
        expect(limitIn(container.container)).toBe('7200')
        expect(before.map(({ id }) => id)).not.toContain(container.id)
      }
      for (const { container } of before.filter((each) => ['fresh 1', 'halted 1', 'twin 2'].includes(key(each))))
        expect(receipt.summary).toContain(`${container} was stopped and stays stopped`)

      await on.actions.undo(receipt.id, admin)
      const back = await all()
      expect(back.map((container) => [key(container), isUp(container)])).toEqual(
        after.map((container) => [key(container), isUp(container)]),
      )
      for (const { container } of back) expect(limitIn(container)).toBe('1800')
    }, 120_000)

    it('stop, start and restart: exactly the containers that the preview counts', async () => {
      const stop = await act(on, { action: 'stop-service', target: ['runs'] })
      expect(stop.preview.summary).toMatch(/^1 container of runs is asked to end/)
      expect(await running()).toEqual(['held 1', 'twin 1'])

      const start = await act(on, { action: 'start-service', target: ['runs', 'halted', 'fresh'] })
      expect(start.preview.summary).toMatch(/^3 containers of .* start with/)
      expect(await running()).toEqual(['fresh 1', 'halted 1', 'held 1', 'runs 1', 'twin 1'])

      const held = await one('held')
      engine.docker('pause', held.container)
      const unpause = await act(on, { action: 'start-service', target: ['held'] })
      expect(unpause.preview.summary).toMatch(/^1 paused container goes on where it was/)
      expect(await one('held')).toMatchObject({ id: held.id, state: 'running', startedAt: held.startedAt })

      const twins = await all('twin')
      const restart = await act(on, { action: 'restart-service', target: ['twin'] })
      expect(restart.preview.summary).toMatch(/^2 containers of twin end and start again/)
      expect(named(restart.preview, WILL_RUN)).toEqual([(await one('twin', 2)).container])
      expect((await all('twin')).map(({ id, state }) => [id, state])).toEqual(twins.map(({ id }) => [id, 'running']))

      await stack.stop('halted', signal)
      const refused = await failureOf(act(on, { action: 'restart-service', target: ['halted'] }))
      expect(refused.because).toBe('halted does not run: start it instead')
      const unknown = await failureOf(act(on, { action: 'start-service', target: ['absent'] }))
      expect(unknown.because).toBe('the stack has no such service')
      expect((await all('absent')).length).toBe(0)
      expect((await one('halted')).state).toBe('exited')
    }, 120_000)

    it('scale: what is added, what stays and is started, what goes', async () => {
      const scale = (replicas: number) =>
        act(on, { action: 'scale-service', params: { service: 'twin', replicas: String(replicas) } })
      if (byEngine) {
        expect((await failureOf(scale(3))).because).toBe(
          'Scaling needs the docker compose command, and this machine has none',
        )
        return
      }
      const [first, second] = [await one('twin', 1), await one('twin', 2)]
      await stack.stop('twin', signal)
      engine.docker('start', second.container)
      const more = await scale(3)
      expect(more.preview.summary).toBe(
        `1 container of twin is added to the 1 that runs. ${first.container} is stopped now and will run afterwards.`,
      )
      expect((await all('twin')).map(({ number, state }) => [number, state])).toEqual([
        [1, 'running'],
        [2, 'running'],
        [3, 'running'],
      ])
      engine.docker('pause', second.container)
      expect((await failureOf(scale(4))).because).toBe(`${second.container} is paused: start twin first`)
      expect(await all('twin')).toHaveLength(3)
      engine.docker('unpause', second.container)

      const less = await scale(1)
      expect(less.preview.summary).toContain('2 containers of twin with the highest numbers are stopped and removed')
      expect((await all('twin')).map(({ id, state }) => [id, state])).toEqual([[first.id, 'running']])
    }, 120_000)
  })
})
