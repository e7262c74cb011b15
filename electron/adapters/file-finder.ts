// What paths mean: a file as it is, a folder's media files at any depth, each with the hash of its bytes.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import type { FileFinder, NewFile } from '../core/ports/jobs.ts'

// Inside a folder only what is likely to be a recording: a named file is taken whatever its name, and the decoder judges.
const MEDIA = new Set(
  (
    'aac ac3 aif aifc aiff amr ape au caf dss flac gsm m4a m4b mka mp2 mp3 mpga oga ogg opus ra spx tta voc wav wma wv ' +
    '3g2 3gp asf avi flv m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogv ts vob webm wmv'
  )
    .split(' ')
    .map((extension) => `.${extension}`),
)

// Reading is disk-bound: more at once only makes the heads wander.
const HASHES_AT_ONCE = 4

const GONE = 'There is no file or folder at this path.'

export function createFileFinder(): FileFinder {
  return {
    async find(asked, signal) {
      const refused: { path: string; because: string }[] = []
      const found = new Set<string>()
      for (const path of asked) {
        signal.throwIfAborted()
        await collect(resolve(path), path, { found, refused, signal })
      }
      const paths = [...found]
      const files = await inOrder(paths, HASHES_AT_ONCE, (path) => describeFile(path, signal))
      for (const [index, file] of files.entries())
        if (file === null) refused.push({ path: paths[index] ?? '', because: GONE })
      return { files: files.filter((file) => file !== null), refused }
    },
  }
}

interface Search {
  readonly found: Set<string>
  readonly refused: { path: string; because: string }[]
  readonly signal: AbortSignal
}

async function collect(path: string, asGiven: string, search: Search): Promise<void> {
  try {
    const status = await stat(path)
    if (status.isDirectory()) {
      const before = search.found.size
      await walk(path, new Set(), search)
      if (search.found.size === before && search.refused.every((one) => !one.path.startsWith(path)))
        search.refused.push({ path: asGiven, because: 'There is no audio or video file in this folder.' })
    } else if (status.isFile()) search.found.add(path)
    else search.refused.push({ path: asGiven, because: 'This is neither a file nor a folder.' })
  } catch (error) {
    search.signal.throwIfAborted()
    search.refused.push({ path: asGiven, because: reason(error) })
  }
}

/** `seen` holds the real paths from the start down: a link to a folder above would never end. */
async function walk(folder: string, seen: Set<string>, search: Search): Promise<void> {
  search.signal.throwIfAborted()
  const real = await realpath(folder)
  if (seen.has(real)) return
  seen.add(real)
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    search.refused.push({ path: folder, because: reason(error) })
    return []
  })
  // By code point: the same order on every machine and at every time.
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry
    // A link to nowhere inside a folder was not asked for by name, so it is nothing to report.
    if (kind === null) continue
    if (kind.isDirectory()) await walk(path, seen, search)
    else if (kind.isFile() && MEDIA.has(extname(entry.name).toLowerCase())) search.found.add(path)
  }
}

/** A file that cannot be read is taken without a hash: the worker fails it with its own sentence. Gone meanwhile: null. */
async function describeFile(path: string, signal: AbortSignal): Promise<NewFile | null> {
  const status = await stat(path).catch(() => null)
  if (status === null) return null
  return { path, title: basename(path), bytes: status.size, sha256: await hash(path, signal) }
}

async function hash(path: string, signal: AbortSignal): Promise<string | null> {
  const sum = createHash('sha256')
  try {
    for await (const part of createReadStream(path, { signal, highWaterMark: 1 << 20 })) sum.update(part)
  } catch {
    // No permission, locked by another program, a broken disk: all the worker's to report. Only giving up is ours.
    signal.throwIfAborted()
    return null
  }
  return sum.digest('hex')
}

/** At most `width` at a time, results in the order of the items. */
async function inOrder<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane))
  return results
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return GONE
    case 'EACCES':
    case 'EPERM':
      return 'This user may not look there.'
    case 'ENAMETOOLONG':
      return 'The path is longer than this system allows.'
    case 'ELOOP':
      return 'Its links go round in a circle.'
    default:
      return `It could not be looked at: ${error instanceof Error ? error.message : String(error)}.`
  }
}
