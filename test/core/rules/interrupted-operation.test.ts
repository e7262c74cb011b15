// interrupted-operation: a change without a receipt is shown for as long as it is open, with what waits where.
import { expect, test } from 'vitest'
import { interruptedOperation } from '../../../electron/core/rules/interrupted-operation.ts'
import { facts, run } from '../../support/facts.ts'
import { NOW } from '../../support/snapshot-builders.ts'

const open = {
  ...{ id: 'r1', action: 'deduplicate-queue' as const, title: 'Move 9 duplicates out of queue celery', at: NOW },
  because: 'connection refused',
}

test('stays silent while no change is interrupted', () => {
  expect(run(interruptedOperation, facts())).toEqual([])
})

test('names the change, since when it is open, and what it waits for', () => {
  const [finding, ...more] = run(interruptedOperation, facts({}, { interrupted: [open] }))
  expect(more).toEqual([])
  expect(finding).toMatchObject({ key: 'interrupted-operation:calls:r1', severity: 'warning', since: NOW })
  expect(finding?.headline).toBe('“Move 9 duplicates out of queue celery” was interrupted; recovery is pending.')
  expect(finding?.evidence[0]).toMatchObject({ label: 'Reason', value: 'connection refused' })
})

test('shows repairs of containers that have not been possible, in their own words', () => {
  const repairs = ['worker: compose is still replacing its containers.']
  const [finding, ...more] = run(interruptedOperation, facts({}, { repairs }))
  expect(more).toEqual([])
  expect(finding).toMatchObject({
    key: 'interrupted-operation:calls:stack',
    severity: 'warning',
    explanation: repairs[0],
  })
})

test('is critical while messages are missing from their queue, and says how many', () => {
  const setAside = [{ operation: 'r1', queue: 'celery', setAside: 59_550, of: 60_000 }]
  const [finding] = run(interruptedOperation, facts({}, { interrupted: [open], setAside }))
  expect(finding?.severity).toBe('critical')
  expect(finding?.explanation).toContain('59,550 of 60,000 messages of queue celery are set aside.')
})
