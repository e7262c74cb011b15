// Start, stop, pause and resume of the supervised worker, each undone by its opposite.
import { describe, expect, it } from 'vitest'
import type { ActionRequest } from '../../../electron/contract/action.ts'
import { act, acting, admin, failureOf, request, signal } from '../../support/acting.ts'
import { failure } from '../../support/snapshot-builders.ts'

type State = 'stopped' | 'running' | 'paused'
const cases: [State, ActionRequest['action'], Record<string, string>, State, string][] = [
  ['stopped', 'start-worker', {}, 'running', 'The worker was started.'],
  ['running', 'stop-worker', {}, 'stopped', 'The worker was stopped.'],
  ['running', 'pause-worker', { paused: 'true' }, 'paused', 'The worker was paused.'],
  ['paused', 'pause-worker', { paused: 'false' }, 'running', 'The worker was resumed.'],
  ['running', 'pause-worker', {}, 'paused', 'The worker was paused.'],
  ['paused', 'pause-worker', {}, 'running', 'The worker was resumed.'],
]

it.each(cases)('%s, %s %o: %s, and back', async (was, action, params, is, summary) => {
  const on = acting()
  on.local.set(was)
  const { preview, receipt } = await act(on, { action, params })
  expect(on.local.worker.state().state).toBe(is)
  expect(receipt).toMatchObject({ count: 1, previewed: 1, summary, undoable: true })
  expect(preview.command).toBeNull()
  const undone = await on.actions.undo(receipt.id, admin)
  expect(undone.undone).toMatchObject({ restored: 1, left: [] })
  expect(on.local.worker.state().state).toBe(was)
})

it('undo leaves a worker that somebody has changed since', async () => {
  const on = acting()
  const { receipt } = await act(on, { action: 'pause-worker', params: { paused: 'true' } })
  on.local.set('stopped')
  const { undone } = await on.actions.undo(receipt.id, admin)
  expect(undone).toMatchObject({ restored: 0, left: [{ id: 'worker', because: 'the worker is stopped by now' }] })
  expect(on.local.worker.state().state).toBe('stopped')
})

describe('refuses', () => {
  it.each([
    ['running', 'start-worker', {}, 'The worker already runs'],
    ['stopped', 'stop-worker', {}, 'The worker does not run'],
    ['stopped', 'pause-worker', { paused: 'true' }, 'The worker does not run'],
    ['paused', 'pause-worker', { paused: 'true' }, 'The worker is paused already'],
    ['running', 'pause-worker', { paused: 'false' }, 'The worker is not paused'],
  ] as const)('%s, %s %o', async (was, action, params, because) => {
    const on = acting()
    on.local.set(was)
    expect(await failureOf(on.actions.preview(request({ action, params }), signal))).toMatchObject({
      kind: 'refused',
      because,
    })
  })

  it('a word that is neither true nor false', async () => {
    const asked = request({ action: 'pause-worker', params: { paused: 'yes' } })
    expect((await failureOf(acting().actions.preview(asked, signal))).kind).toBe('invalid')
  })

  it.each([
    ['pause-worker', { pausd: 'false' }, 'it knows no parameter pausd, only paused'],
    ['stop-worker', { now: 'true', hard: 'true' }, 'it knows no parameter now, hard; it has none'],
  ] as const)('a parameter that %s does not know: %o', async (action, params, because) => {
    const asked = request({ action, params })
    expect(await failureOf(acting().actions.preview(asked, signal))).toMatchObject({ kind: 'invalid', because })
  })

  it('to start without a model or an engine, saying which', async () => {
    const on = acting()
    on.local.set('stopped')
    on.local.setModel(null)
    const blocked = async () =>
      (await on.actions.list('local', signal)).find(({ id }) => id === 'start-worker')?.blocked
    expect(await blocked()).toBe('There is no model yet: choose one first.')
    on.local.setEngine({ state: 'building', percent: 40, step: 'ggml.c' })
    expect(await blocked()).toBe('The transcription engine is still being built.')
    on.local.setEngine({
      state: 'missing',
      failure: failure({ tried: 'Build whisper.cpp', on: '', because: 'cmake is not installed', remedy: null }),
    })
    expect(await blocked()).toBe('Build whisper.cpp: cmake is not installed.')
  })
})

it('a worker that does not start fails the action with its own reason, without a receipt', async () => {
  const on = acting()
  on.local.set('blocked', 'the model file is not a ggml model')
  expect((await failureOf(act(on, { action: 'start-worker' }))).because).toBe('the model file is not a ggml model')
  expect(on.history.list(1, null)).toEqual([])
})
