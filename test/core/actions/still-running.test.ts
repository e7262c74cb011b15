// Whether terminated tasks have ended: a busy worker gets its time, and what could not be asked is not called ended.
import { expect, it } from 'vitest'
import type { Task } from '../../../electron/contract/task.ts'
import { stillRunning } from '../../../electron/core/actions/still-running.ts'
import type { TaskControl } from '../../../electron/core/ports/broker.ts'

const task = (id: string) => ({ id, state: 'active' }) as Task
const signal = new AbortController().signal

/** Answers with these one after the other; the last again and again. */
function workers(...answers: (readonly Task[] | Error)[]) {
  let asked = 0
  let looks = 0
  const control = {
    workers: async () => {
      looks++
      return []
    },
    tasks: async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)] ?? []
      if (answer instanceof Error) throw answer
      return answer
    },
  } as unknown as TaskControl
  return { control, asked: () => asked, looks: () => looks }
}

it('asks anew until they have ended, and no more often', async () => {
  const seen = workers([task('a'), task('other')], [task('a')], [task('other')])
  expect(await stillRunning(seen.control, new Set(['a']), signal)).toEqual(new Set())
  expect([seen.asked(), seen.looks()]).toEqual([3, 2])
})

it('names what goes on running', async () => {
  const seen = workers([task('a'), task('b')], [task('b')])
  expect(await stillRunning(seen.control, new Set(['a', 'b']), signal)).toEqual(new Set(['b']))
  expect(seen.asked()).toBe(20)
})

it('asks nobody about nothing', async () => {
  const seen = workers([task('a')])
  expect(await stillRunning(seen.control, new Set(), signal)).toEqual(new Set())
  expect(seen.asked()).toBe(0)
})

it('does not call ended what could not be asked', async () => {
  expect(await stillRunning(workers(new Error('gone')).control, new Set(['a']), signal)).toBeNull()
})
