// POST /files?name=…: the raw bytes of one recording, streamed to disk, complete or not there at all.
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { FailureError } from '../contract/failure.ts'
import type { Machine } from '../core/api.ts'
import { safeFileName } from './file-name.ts'
import { nodeBody, plain } from './web-exchange.ts'

/**
 * Answers `{ path }` of the finished file. The bytes go to a temporary name beside it first; a client that goes away
 * half-way leaves nothing behind. Nothing is held in memory, so there is no limit but the disk.
 */
export async function upload(machine: Machine, request: Request): Promise<Response> {
  if (request.method !== 'POST') return plain(405, 'Send the bytes of one file with POST.', { allow: 'POST' })
  const name = new URL(request.url).searchParams.get('name')
  if (name === null) return plain(400, 'The address needs the name of the file: /files?name=call.m4a')
  const path = await machine.uploadPath(safeFileName(name)).catch((cause: unknown) => {
    throw codeOf(cause) in reasons ? notKept(name, cause) : cause
  })
  const partial = `${path}.${randomUUID().slice(0, 8)}.part`
  try {
    // flush: after a power cut the row that will name this file must not point at an empty one.
    const file = createWriteStream(partial, { flags: 'wx', flush: true })
    await pipeline(nodeBody(request), file, { signal: request.signal })
    await rename(partial, path)
  } catch (cause) {
    await rm(partial, { force: true })
    // The folder was made for this file; one that is not empty stays, and a sweep removes what is left here.
    await rmdir(dirname(path)).catch(() => undefined)
    throw notKept(name, cause)
  }
  return Response.json({ path }, { status: 201 })
}

const reasons: Record<string, { because: string; remedy: string }> = {
  ENOSPC: { because: 'the disk is full', remedy: 'Free some space, then add the file again.' },
  EDQUOT: { because: 'the disk quota is used up', remedy: 'Free some space, then add the file again.' },
  EACCES: { because: 'the recordings folder cannot be written', remedy: 'Check the rights of the data folder.' },
  EPERM: { because: 'the recordings folder cannot be written', remedy: 'Check the rights of the data folder.' },
  EROFS: { because: 'the disk is read-only', remedy: 'Choose another data folder.' },
}

const codeOf = (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : '')

function notKept(name: string, cause: unknown): FailureError {
  const reason = reasons[codeOf(cause)] ?? { because: 'the transfer was interrupted', remedy: 'Add the file again.' }
  return new FailureError({ kind: 'refused', tried: 'Keep the file', on: name, ...reason }, { cause })
}
