// An upload to a full disk: refused with the reason, and nothing of it stays.
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { FailureError } from '../../electron/contract/failure.ts'
import type { Machine } from '../../electron/core/api.ts'
import { upload } from '../../electron/server/uploads.ts'
import { canMount, smallDisks } from '../support/small-disk.ts'

const disks = smallDisks()
afterEach(() => disks.remove())

describe.skipIf(!canMount())('on a disk of its own', () => {
  test('what does not fit is refused, then and there, and the same file fits later', async () => {
    const disk = disks.mount(256)
    const recordings = join(disk.path, 'recordings')
    let uploads = 0
    const machine = {
      async uploadPath(name: string) {
        const folder = join(recordings, `${uploads++}`)
        mkdirSync(folder, { recursive: true })
        return join(folder, name)
      },
    } as Partial<Machine> as Machine
    const send = (bytes: number) =>
      upload(machine, new Request('http://core/files?name=call.wav', { method: 'POST', body: Buffer.alloc(bytes, 1) }))
    const failure = await send(1_000_000).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(FailureError)
    expect(failure).toMatchObject({
      failure: { on: 'call.wav', because: 'the disk is full', remedy: 'Free some space, then add the file again.' },
    })
    expect(readdirSync(recordings)).toEqual([])
    expect((await send(50_000)).status).toBe(201)
    expect(readdirSync(recordings, { recursive: true }).sort()).toEqual(['1', '1/call.wav'])
  })
})
