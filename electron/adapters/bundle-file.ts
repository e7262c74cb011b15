// The diagnostic bundle as a file: gzipped JSON with a version, read back with every doubt.
import { gunzipSync, gzipSync } from 'node:zlib'
import { BUNDLE_VERSION, Bundle } from '../contract/bundle.ts'
import { FailureError } from '../contract/failure.ts'

/** Unpacked; a bundle of 30 days of ten systems is a fifth of it. A small file that unpacks to more is not one of ours. */
const MOST_BYTES = 256 * 1024 * 1024

export function packBundle(bundle: Bundle): Buffer {
  return gzipSync(JSON.stringify(bundle))
}

/** @throws FailureError that says what is wrong with the file `name`. */
export function unpackBundle(bytes: Uint8Array, name: string): Bundle {
  const document = parse(bytes, name)
  const version = versionOf(document)
  if (version === null) throw notOurs(name, 'it is JSON, but not a bundle of Unjam')
  if (version > BUNDLE_VERSION)
    throw notOurs(name, `a newer Unjam made it (version ${version}, this one knows ${BUNDLE_VERSION})`)
  const bundle = Bundle.safeParse(document)
  if (bundle.success) return bundle.data
  const [issue] = bundle.error.issues
  throw notOurs(name, `${issue?.path.join('.') ?? 'it'}: ${issue?.message ?? 'is not as expected'}`)
}

function parse(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(gunzipSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) throw notOurs(name, 'what is packed in it is not JSON', error)
    throw notOurs(name, 'it is not a gzipped file, is cut off, or is too large', error)
  }
}

function versionOf(document: unknown): number | null {
  if (typeof document !== 'object' || document === null || !('format' in document) || !('version' in document))
    return null
  return document.format === 'unjam-bundle' && typeof document.version === 'number' ? document.version : null
}

function notOurs(name: string, because: string, cause?: unknown): FailureError {
  return new FailureError(
    {
      kind: 'invalid',
      tried: 'Open the bundle',
      on: name,
      because,
      remedy: 'Make one with unjam bundle --out FILE, or with the button in History.',
    },
    { cause },
  )
}
