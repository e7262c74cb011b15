// GET /media/<system>/<id>: a recording for the player, with single ranges, only where the core knows its path.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { Readable } from 'node:stream'
import { SystemId } from '../contract/job.ts'
import type { Core } from '../core/api.ts'
import { plain } from './web-exchange.ts'

const DEADLINE_MS = 10_000

const types: Record<string, string> = {
  '.aac': 'audio/aac',
  '.flac': 'audio/flac',
  '.m4a': 'audio/mp4',
  '.m4b': 'audio/mp4',
  '.mka': 'audio/x-matroska',
  '.mkv': 'video/x-matroska',
  '.mov': 'video/quicktime',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.oga': 'audio/ogg',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.wav': 'audio/wav',
  '.weba': 'audio/webm',
  '.webm': 'video/webm',
}

/** 200, 206, 304 or 416 with the bytes; 404 when the recording is not on this machine. */
export async function media(core: Core, request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return plain(405, 'A recording can only be read.', { allow: 'GET, HEAD' })
  const ref = jobOf(new URL(request.url).pathname)
  if (ref === null) return plain(404, 'There is no such recording.')
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(DEADLINE_MS)])
  const path = await core.mediaPath(ref, signal)
  const file = path === null ? null : await fileAt(path)
  if (path === null || file === null) return plain(404, 'The recording is not on this machine.')
  const headers = {
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'content-type': types[extname(path).toLowerCase()] ?? 'application/octet-stream',
    etag: file.tag,
  }
  if (request.headers.get('if-none-match') === file.tag) return new Response(null, { status: 304, headers })
  const range = rangeOf(request.headers, file.size, file.tag)
  if (range === 'beyond')
    return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${file.size}` } })
  const { from, to } = range ?? { from: 0, to: file.size - 1 }
  const body = request.method === 'HEAD' || to < from ? null : bytes(path, from, to)
  return new Response(body, {
    status: range === null ? 200 : 206,
    headers: {
      ...headers,
      'content-length': String(to - from + 1),
      ...(range === null ? {} : { 'content-range': `bytes ${from}-${to}/${file.size}` }),
    },
  })
}

function jobOf(pathname: string): { system: string; id: string } | null {
  const [, system, id] = /^\/media\/([^/]+)\/([^/]+)$/.exec(pathname) ?? []
  if (system === undefined || id === undefined || !SystemId.safeParse(system).success) return null
  try {
    return { system, id: decodeURIComponent(id) }
  } catch {
    // A broken percent escape names nothing.
    return null
  }
}

async function fileAt(path: string): Promise<{ size: number; tag: string } | null> {
  // Gone, locked or out of reach since the core looked: to the player all of it is "not here".
  const found = await stat(path).catch(() => null)
  if (found === null || !found.isFile()) return null
  return { size: found.size, tag: `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"` }
}

/**
 * One byte range (RFC 9110 §14.2). Several ranges, another unit or a stale If-Range mean the whole file, which the
 * standard allows; `'beyond'` when it starts after the end.
 */
export function rangeOf(headers: Headers, size: number, tag: string): { from: number; to: number } | 'beyond' | null {
  const condition = headers.get('if-range')
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.get('range') ?? '')
  if (match === null || (condition !== null && condition !== tag)) return null
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return null
  if (first === '')
    return Number(last) === 0 || size === 0 ? 'beyond' : { from: Math.max(0, size - Number(last)), to: size - 1 }
  const from = Number(first)
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < from) return null
  return from >= size ? 'beyond' : { from, to }
}

function bytes(path: string, from: number, to: number): ReadableStream {
  return Readable.toWeb(createReadStream(path, { start: from, end: to })) as unknown as ReadableStream
}
