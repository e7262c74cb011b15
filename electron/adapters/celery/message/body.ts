// The body of a task message: decoded where it is JSON, named where it is not. Nothing in it is ever executed.
import { inflateSync } from 'node:zlib'
import { isRecord, type Plain, parsePythonJson, TOO_DEEP } from './python-text.ts'

/** What the envelope says about its body. */
export interface BodyForm {
  readonly body: unknown
  readonly encoding: unknown
  readonly contentType: unknown
  readonly compression: unknown
}

export type Body = { readonly value: Plain } | { readonly opaque: string }

/** Larger bodies are shown by their headers alone: decoding megabytes to show one line would stall the screen. */
const LARGEST = 256 * 1024
const KNOWN_OPAQUE: Readonly<Record<string, string>> = {
  'application/x-python-serialize': 'pickle',
  'application/x-yaml': 'yaml',
  'application/x-msgpack': 'msgpack',
  'application/data': 'signed (auth)',
  'application/text': 'text',
  'application/x-bz2': 'compressed (bzip2)',
  'application/x-lzma': 'compressed (lzma)',
  'application/x-brotli': 'compressed (brotli)',
  'application/zstd': 'compressed (zstd)',
}

/** Never throws. */
export function readBody({ body, encoding, contentType, compression }: BodyForm): Body {
  if (isRecord(body) || Array.isArray(body)) return { opaque: 'not encoded' }
  if (typeof body !== 'string') return { opaque: 'empty' }
  if (contentType !== 'application/json') return { opaque: opaqueName(contentType, 'no content type') }
  // Named gzip by kombu, really zlib.
  const deflated = compression === 'application/x-gzip' || compression === 'gzip'
  if (compression !== undefined && compression !== null && !deflated)
    return { opaque: opaqueName(compression, 'compressed') }
  if (body.length > LARGEST) return { opaque: tooLarge(body.length) }
  try {
    const bytes = encoding === 'base64' ? fromBase64(body) : Buffer.from(body)
    if (bytes === null) return { opaque: 'not base64' }
    const text = deflated ? inflateSync(bytes, { maxOutputLength: 4 * LARGEST }) : bytes
    return { value: parsePythonJson(text.toString('utf8')) }
  } catch (error) {
    // A body that cannot be read is a fact to show, not a failure of reading the queue.
    const reason = error instanceof Error ? error.message : ''
    if (/larger than|ERR_BUFFER_TOO_LARGE/.test(reason)) return { opaque: 'compressed, too large to read' }
    if (reason === TOO_DEEP) return { opaque: TOO_DEEP }
    return { opaque: deflated ? 'compressed, damaged' : 'not JSON' }
  }
}

export function tooLarge(bytes: number): string {
  return `too large to read (${(bytes / 1024 / 1024).toFixed(1)} MB)`
}

function opaqueName(name: unknown, otherwise: string): string {
  return typeof name === 'string' && name !== '' ? (KNOWN_OPAQUE[name] ?? name.slice(0, 60)) : otherwise
}

/** Python refuses what is not base64 and the worker exits (protocol reference §2.6); Node would skip over it. */
function fromBase64(text: string): Buffer | null {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null
}
