// What a system's parts say comes in without secrets: lines of logs, errors of jobs, failures; what is written stays as it is.
import { expect, it } from 'vitest'
import { memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import { secretsMet } from '../../electron/compose/known-secrets.ts'
import { maskedSystem } from '../../electron/compose/masked-system.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { JobQuery } from '../../electron/contract/job.ts'
import { MASK } from '../../electron/contract/secrets/mask.ts'
import { ServiceLogQuery } from '../../electron/contract/service.ts'
import { bareSystem } from '../support/bare-system.ts'
import { manualClock } from '../support/manual-clock.ts'
import { bakedStack, memoryEnv } from '../support/memory-env.ts'

const signal = new AbortController().signal
const [OF_FILE, OF_CONTAINER, OF_SETTINGS] = ['file"pw]5x', 'box-pw-77q', 'set/pw#9z']

function stage() {
  const env = memoryEnv(`APP_PASSWORD='${OF_FILE}'\n`)
  const stack = bakedStack(env, { worker: ['APP_PASSWORD'] })
  stack.inside.set('worker', { MYSQLPWD: OF_CONTAINER })
  const said = `it got ${OF_FILE}, ${OF_CONTAINER} and ${encodeURIComponent(OF_SETTINGS)}`
  stack.logs = async () => ({ lines: [{ at: null, container: 'w', level: 'info', text: said }], cursor: 'c' })
  stack.throws = new FailureError({ kind: 'refused', tried: 'Up', on: 'worker', because: said, remedy: said })
  const jobs = memoryJobs({ id: 'calls', kind: 'recordings', clock: manualClock() })
  jobs.seed([{ id: 'j1', title: 'a.wav', state: 'failed', error: said }])
  const met = secretsMet(() => [OF_SETTINGS])
  return { said, met, env, stack, jobs, system: maskedSystem(bareSystem(jobs, { env, stack }), met) }
}
const hidden = `it got ${MASK}, ${MASK} and ${MASK}`

it('a log is read only when the secrets that it may hold are known', async () => {
  const { system } = stage()
  const query = ServiceLogQuery.parse({ system: 'calls', service: 'worker' })
  expect(await system.stack?.logs(query, signal)).toEqual({
    lines: [{ at: null, container: 'w', level: 'info', text: hidden }],
    cursor: 'c',
  })
})

it('errors of jobs and failures are masked; rows that undo puts back are not', async () => {
  const { system, said } = stage()
  await system.env?.read(signal)
  await system.stack?.environments(signal)
  const page = await system.jobs.page(JobQuery.parse({ system: 'calls', state: 'failed' }), signal)
  expect(page.jobs).toMatchObject([{ error: hidden }])
  const rows = await system.jobs.rows({ kind: 'state', states: ['failed'] }, 10, signal)
  expect(rows[0]?.job).toMatchObject({ error: said })
  const failure = await system.stack?.recreate(['worker'], {}, signal).then(
    () => null,
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(FailureError)
  expect((failure as FailureError).failure).toEqual({
    kind: 'refused',
    tried: 'Up',
    on: 'worker',
    because: hidden,
    remedy: hidden,
  })
})

it('the .env and the containers’ values pass as they are, and a password that was changed stays hidden', async () => {
  const { system, env, met } = stage()
  expect((await system.env?.read(signal))?.text).toBe(env.text)
  env.text = 'APP_PASSWORD=another-one\n'
  await system.env?.read(signal)
  expect(met.values()).toEqual(expect.arrayContaining([OF_SETTINGS, OF_FILE, 'another-one']))
  expect(system.env?.path).toBe('/app/.env')
  const [worker] = (await system.stack?.environments(signal)) ?? []
  expect(worker?.values.MYSQLPWD).toBe(OF_CONTAINER)
})
