// What is left of the machine the tests run on: real numbers, one disk counted once, a folder that is away left out.
import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { createMachineRoom } from '../../electron/adapters/machine-room.ts'

it('measures memory and disks', () => {
  const room = createMachineRoom([tmpdir(), tmpdir(), '/no/such/folder/anywhere'])()
  expect(room?.freeMemoryBytes).toBeGreaterThan(0)
  expect(room?.freeMemoryBytes).toBeLessThanOrEqual(room?.memoryBytes ?? 0)
  expect(room?.disks).toHaveLength(1)
  expect(room?.disks[0]).toMatchObject({ path: tmpdir() })
  expect(room?.disks[0]?.freeBytes).toBeLessThanOrEqual(room?.disks[0]?.bytes ?? 0)
})

it('is measured again only after a while', () => {
  let now = 0
  const room = createMachineRoom([tmpdir()], () => now)
  const first = room()
  now = 9000
  expect(room()).toBe(first)
  now = 10_000
  expect(room()).not.toBe(first)
})
