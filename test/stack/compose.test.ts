// The stack in containers, up for real: five healthy services, a recording from row to transcript, a changed .env.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openRecordingFolders } from '../../electron/compose/recording-folders.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'
import { type ComposeVersion, composeCli } from '../support/compose-cli.ts'
import { dockerMissing } from '../support/dockerd.ts'
import { testStack } from '../support/stack.ts'
import { until } from '../support/until.ts'

const SENTENCE = "TASK_TIMEOUT_SECONDS is 'abc', but must be a number of seconds"

const missing = (version: ComposeVersion) =>
  dockerMissing() ?? (composeCli(version) === null ? `compose ${version} is not installed` : null)

describe.each(['v1', 'v2'] as const)('compose %s', (version) => {
  const because = missing(version)

  test.skipIf(because !== null)(
    `five services; a restart keeps the old .env, new containers take it`,
    async () => {
      const began = performance.now()
      const stack = await testStack({ compose: version })
      console.log(`compose ${version}: up and healthy in ${Math.round(performance.now() - began)} ms`)
      const limit = async () =>
        (await stack.inspect('worker')).Config.Env.find((one) => one.startsWith('TASK_TIMEOUT_SECONDS='))
      try {
        const id = await stack.add({ duration: 61.5, seconds: 0.1 })
        await until(
          'it is done',
          async () =>
            (await stack.pool.query('SELECT status FROM recordings WHERE id = $1', [id])).rows[0]?.status === 'done',
        )
        expect(await (await fetch(`${stack.api}/queue/status`)).json()).toMatchObject({ queued: 0, done: 1 })

        // The row says /recordings; this machine has that folder beside the compose file.
        const compose = { project: stack.project, docker: stack.processEnv.DOCKER_HOST }
        const system = SystemSettings.parse({ id: 'x', kind: 'recordings', database: stack.database, stack: compose })
        if (system.kind !== 'recordings') throw new Error('it is of another kind')
        expect(await openRecordingFolders(system, stack.folder)).toContainEqual({
          ...{ inside: '/recordings', here: join(stack.folder, 'recordings') },
        })

        stack.setEnv('TASK_TIMEOUT_SECONDS', '7200')
        await stack.compose('restart', 'worker')
        expect(await limit()).toBe('TASK_TIMEOUT_SECONDS=')
        await stack.compose('up', '--detach', '--no-build', 'worker')
        expect(await limit()).toBe('TASK_TIMEOUT_SECONDS=7200')
        await stack.healthy()

        // Asked to end, each does, before it is killed (137).
        await stack.compose('stop', '--timeout', '10', 'api', 'beat', 'worker')
        for (const service of ['api', 'beat', 'worker'])
          expect((await stack.inspect(service)).State.ExitCode, service).not.toBe(137)

        // A value that makes no sense: the worker says so and never becomes healthy.
        stack.setEnv('TASK_TIMEOUT_SECONDS', 'abc')
        await stack.compose('up', '--detach', '--no-build', 'worker')
        await until('the worker says why', async () => (await stack.compose('logs', 'worker')).includes(SENTENCE))
        expect((await stack.inspect('worker')).State.Health?.Status).not.toBe('healthy')
      } finally {
        await stack.down()
      }
      const names = { containers: ['ps', '--all'], volumes: ['volume', 'ls'], networks: ['network', 'ls'] }
      for (const [what, command] of Object.entries(names))
        expect(await stack.daemon.docker(...command, '--quiet', '--filter', `name=${stack.project}`), what).toBe('')
    },
    180_000,
  )
})
