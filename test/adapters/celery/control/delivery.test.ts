// When messages are acknowledged and when they come back, as real workers say it of themselves.
import { afterEach, expect, it } from 'vitest'
import { type ControlStage, controlStage, soon } from '../control-stage.ts'

let on: ControlStage
afterEach(() => on.close())

it('acks_late of the task is heard from the worker; the timeout is kombu’s where none is set', async () => {
  on = await controlStage({ env: { ACKS_LATE: '1' } })
  await on.worker({ name: 'late@host-a' })
  await on.becomes('late@host-a', 'running')
  expect(await on.control.delivery(soon())).toEqual({
    visibilityTimeoutMs: 3_600_000,
    from: 'default',
    acksLate: true,
  })
  expect((await on.seen('late@host-a'))?.state).toBe('running')
})

it('early acknowledgement is heard too, and without a worker nobody says when', async () => {
  on = await controlStage()
  expect((await on.control.delivery(soon())).acksLate).toBeNull()
  await on.worker({ name: 'early@host-b' })
  await on.becomes('early@host-b', 'running')
  expect((await on.control.delivery(soon())).acksLate).toBe(false)
})
