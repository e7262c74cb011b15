// The machine's clock: instants as text that sorts, and sleeps that can be given up.
import { expect, test } from 'vitest'
import { systemClock } from '../../electron/adapters/clock.ts'
import { Instant } from '../../electron/contract/failure.ts'

test('now is an instant in UTC with milliseconds', () => {
  expect(Instant.parse(systemClock.now())).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(Math.abs(Date.parse(systemClock.now()) - systemClock.nowMs())).toBeLessThan(1000)
})

test('a sleep ends after its time, or at once with the reason of its signal', async () => {
  const began = performance.now()
  await systemClock.sleep(20, new AbortController().signal)
  expect(performance.now() - began).toBeGreaterThanOrEqual(19)
  const stop = new AbortController()
  const sleeping = systemClock.sleep(60_000, stop.signal)
  stop.abort(new Error('enough'))
  await expect(sleeping).rejects.toThrow('enough')
  await expect(systemClock.sleep(60_000, stop.signal)).rejects.toThrow('enough')
})
