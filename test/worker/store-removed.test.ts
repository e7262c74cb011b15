// What Unjam knows of removed jobs is taken out whole, and put back as it was.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dropState, putState } from '../../worker/store/drop-recording.ts'
import { finishJob } from '../../worker/store/finish-job.ts'
import { parkJob } from '../../worker/store/park-job.ts'
import { writeDuration } from '../../worker/store/probe-duration.ts'
import { saveChunk } from '../../worker/store/save-chunk.ts'
import { type Stage, setStage } from './cast.ts'

let stage: Stage
let worker: string
beforeAll(async () => {
  stage = await setStage()
})
afterAll(() => stage.drop())
beforeEach(async () => {
  await stage.empty()
  worker = await stage.worker()
})

async function job(name: string, end: 'parked' | 'held' | 'done'): Promise<string> {
  const id = await stage.add(name)
  await stage.tx((db) => writeDuration(db, stage.t, { id, path: '/p' }, { durationMs: 1234.5678, error: null }))
  const claimed = (await stage.claim(id, worker))!
  await stage.tx((db) =>
    saveChunk(db, claimed, 60_000, {
      plan: 'p',
      startMs: 0,
      endMs: 1000,
      audioEndMs: 1000,
      silent: false,
      last: false,
      language: 'en',
      words: [{ startMs: 0, endMs: 5, text: ` it's "quoted" ü ${name}` }],
      wallMs: 0.1 + 0.2,
    }),
  )
  if (end === 'parked') await stage.tx((db) => parkJob(db, stage.t, claimed))
  if (end === 'done')
    await stage.tx((db) =>
      finishJob(db, stage.t, claimed, { segments: [{ startMs: 0, endMs: 9, text: name }], durationMs: 9 }),
    )
  return id
}
const known = async () => {
  const { [stage.t.name]: _, ...ours } = await stage.everything()
  return ours
}

test('dropped and put back, nothing has changed; meanwhile nothing of it was there, and all of the others was', async () => {
  const ids = [await job('parked', 'parked'), await job('done', 'done')]
  await job('other', 'held')
  const before = await known()
  const json = await stage.tx((db) => dropState(db, ids))
  const without = await known()
  expect(
    Object.values(without)
      .flat()
      .some((row) => ids.some((id) => row.includes(id))),
  ).toBe(false)
  expect(Object.values(without).flat().length).toBe(4)
  await stage.tx((db) => putState(db, json))
  // Only when a parked lease ran out does not matter, and is not kept.
  const plain = (rows: Record<string, string[]>) => ({ ...rows, 'unjam.lease': rows['unjam.lease']!.length })
  expect(plain(await known())).toEqual(plain(before))
  expect(await stage.claim(ids[0]!, worker)).toMatchObject({ number: 2 })
})

test('a job that was being worked on comes back parked: nobody works on it any more', async () => {
  const id = await job('held', 'held')
  const json = await stage.tx((db) => dropState(db, [id]))
  await stage.tx((db) => putState(db, json))
  expect(await stage.rows('SELECT recording, state, worker FROM unjam.lease')).toEqual([
    { recording: id, state: 'parked', worker: null },
  ])
})

test('nothing known, nothing dropped, nothing put', async () => {
  const json = await stage.tx((db) => dropState(db, ['nobody']))
  await stage.tx((db) => putState(db, json))
  expect(Object.values(await known()).flat()).toEqual([])
})
