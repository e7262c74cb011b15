// No model, or no engine: jobs wait, no retry is burned, and the one step that is missing is offered.
import { describe, expect, it } from 'vitest'
import { noModel as rule } from '../../../electron/core/rules/no-model.ts'
import { facts, localFacts, run } from '../../support/facts.ts'
import { counts, failure, host, known, unknown, worker } from '../../support/snapshot-builders.ts'

const waiting = known(counts({ queued: 20 }))
const bare = host({ model: null, models: [] })

describe('stays silent', () => {
  it.each([
    ['model and engine are there', localFacts(host(), { counts: waiting })],
    ['the system is not local', facts({ counts: waiting })],
    ['a live worker brought its own model', localFacts(bare, { counts: waiting, workers: known([worker()]) })],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

it('says that jobs wait for a model, and where to get one', () => {
  const [found, ...more] = run(rule, localFacts(bare, { counts: waiting }))
  expect(more).toEqual([])
  expect(found).toMatchObject({
    key: 'no-model:local:model',
    severity: 'warning',
    headline: 'The worker has no model. 20 jobs wait for it.',
    places: [{ view: 'models', label: 'Choose a model' }],
    notTheCause: ['No retry is burned while jobs wait', '0 failed jobs'],
  })
})

it('is information while nothing waits, and on a fresh machine whose counts are not read', () => {
  expect(run(rule, localFacts(bare))[0]).toMatchObject({
    severity: 'info',
    headline: 'The worker has no model. Jobs can be added and will wait.',
  })
  expect(run(rule, localFacts(bare, { counts: unknown(null) }))[0]?.evidence).toContainEqual(
    expect.objectContaining({ label: 'Waiting', value: 'unknown: the counts cannot be read' }),
  )
})

it('follows a download, and says why it failed', () => {
  const download = { name: 'small', doneBytes: 43, totalBytes: 100, failure: null }
  expect(run(rule, localFacts({ ...bare, download }, { counts: waiting }))[0]?.headline).toBe(
    'The model small is being downloaded, 43 %. 20 jobs wait for it.',
  )
  const broken = {
    ...download,
    failure: failure({
      tried: 'Download the model',
      on: 'small',
      because: 'no hub can be reached',
      remedy: 'Import a file instead.',
    }),
  }
  expect(run(rule, localFacts({ ...bare, download: broken }, { counts: waiting }))[0]?.explanation).toBe(
    'Download the model (small): no hub can be reached. Import a file instead.',
  )
})

it('speaks of the engine first: missing with its sentence, building as it goes', () => {
  const missing = {
    state: 'missing' as const,
    failure: failure({
      tried: 'Build whisper.cpp',
      on: '',
      because: 'cmake is not installed',
      remedy: 'Install cmake.',
    }),
  }
  const both = run(rule, localFacts({ ...bare, engine: missing }, { counts: waiting }))
  expect(both.map(({ key }) => key)).toEqual(['no-model:local:engine', 'no-model:local:model'])
  expect(both[0]).toMatchObject({
    severity: 'warning',
    explanation: 'Build whisper.cpp: cmake is not installed. Install cmake.',
    places: [{ view: 'settings' }],
  })
  const building = { state: 'building' as const, percent: 43.4, step: 'ggml.c' }
  expect(run(rule, localFacts(host({ engine: building }), { counts: waiting }))[0]).toMatchObject({
    severity: 'info',
    headline: 'The transcription engine is being built. 20 jobs wait for it.',
  })
})
