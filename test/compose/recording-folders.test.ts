// Where recordings are on this machine: the settings before the mounts, and an engine that is away forgets nothing.
import { expect, test } from 'vitest'
import { recordingFolders } from '../../electron/compose/recording-folders.ts'

const mount = { inside: '/recordings', here: '/srv/recordings' }

test('what the settings name stands before what is mounted', async () => {
  const own = { inside: '/recordings', here: '/mnt/nas' }
  const models = { inside: '/models', here: '/srv/models' }
  expect(await recordingFolders([own], { folders: async () => [mount, models] })()).toEqual([own, models])
  expect(await recordingFolders([own], null)()).toEqual([own])
  expect(await recordingFolders(undefined, null)()).toEqual([])
})

test('many who ask at once are one question, and an engine that cannot answer is no failure', async () => {
  let asked = 0
  const { promise, resolve } = Promise.withResolvers<(typeof mount)[]>()
  const ask = () => {
    asked++
    return promise
  }
  const folders = recordingFolders(undefined, { folders: ask })
  const answers = Promise.all([folders(), folders()])
  resolve([mount])
  expect(await answers).toEqual([[mount], [mount]])
  expect(asked).toBe(1)
  const gone = recordingFolders(undefined, { folders: () => Promise.reject(new Error('no engine')) })
  expect(await gone()).toEqual([])
})
