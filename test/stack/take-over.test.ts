// A job that blocks the containers is handed to Unjam's worker on this machine, which finds its file through the mount.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeAudio } from '../support/audio.ts'
import { startProcess } from '../support/child-process.ts'
import { composeCli } from '../support/compose-cli.ts'
import { dockerMissing } from '../support/dockerd.ts'
import { engine } from '../support/engine.ts'
import { serveApp } from '../support/serving-host.ts'
import { testStack } from '../support/stack.ts'
import { tinyModel } from '../support/tiny-model.ts'
import { until } from '../support/until.ts'

const because = dockerMissing() ?? (composeCli('v2') === null ? 'compose v2 is not installed' : null)

test.skipIf(because !== null)(
  'a job of a container goes to a worker here, is done, and the worker of the stack writes nothing more',
  async () => {
    const [stack, model] = await Promise.all([testStack({ compose: 'v2' }), tinyModel(), engine()])
    const system = {
      ...{ id: 'calls', kind: 'recordings', database: stack.database, broker: stack.broker },
      stack: { project: stack.project, docker: stack.daemon.host },
    }
    const host = await serveApp({
      env: stack.processEnv,
      settings: { worker: { startWithApp: false, language: 'en' }, systems: [system] },
    })
    const row = async (id: string) => {
      const { rows } = await stack.pool.query<{ status: string; retry_count: number; transcript: string | null }>(
        'SELECT status, retry_count, transcript FROM recordings WHERE id = $1',
        [id],
      )
      return rows[0]!
    }
    let worker: ReturnType<typeof startProcess> | null = null
    try {
      const id = await stack.add({ title: 'Long.m4a', duration: 3780, seconds: 600 })
      await until('a container works on its copy of it', async () =>
        (await stack.compose('top', 'worker')).includes('whisper-cli'),
      )
      // What the quick tools of the container took for an hour of speech, Unjam's worker decodes for real.
      await writeAudio(join(stack.folder, 'recordings/Long.m4a'), [{ noise: 0.2, ms: 4000 }], { format: 'wav' })
      const args = ['worker', '--system', 'calls', '--model', model, '--slots', '1', '--data', host.dataDir]
      const unjam = join(import.meta.dirname, '../../electron/unjam.mjs')
      worker = startProcess(process.execPath, [unjam, ...args], { env: stack.processEnv })
      await worker.said(/\/recordings in the rows is read from .*\/recordings here\./)
      const act = ['act', 'take-over-job', '--system', 'calls', '--ids', id, '--yes']
      // It knows the schema that the worker has just made once it has looked at the database anew.
      await until('it is taken over', async () => (await host.unjam(...act)).code === 0)
      await until('it is done', async () => (await row(id)).status === 'done')
      const done = await row(id)
      expect(done.transcript).toContain('every window is')
      await until('the container has let go of it', async () =>
        (await stack.compose('logs', 'worker')).includes('the row was taken away'),
      )
      expect(await row(id)).toEqual(done)
    } finally {
      await worker?.kill()
      await host.stop()
      await stack.down()
    }
  },
  240_000,
)
