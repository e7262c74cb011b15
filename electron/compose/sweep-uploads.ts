// Uploads that were never added to a queue: removed a day later, with what broken transfers left.
import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

/** As machine.ts names the folder of one upload, and uploads.ts a transfer in progress. */
const FOLDER = /^[0-9a-f]{16}$/
const PARTIAL = /\.[0-9a-f]{8}\.part$/
const KEPT_MS = 24 * 60 * 60_000
const EVERY_MS = 6 * 60 * 60_000
/** Names in one question to the database. */
const AT_ONCE = 200

export interface UploadSweep {
  readonly recordings: string
  /** Which of these folder names a job or a receipt refers to; a receipt can bring a removed job back. */
  referenced(names: readonly string[]): Promise<ReadonlySet<string>>
  onSwept(sentence: string): void
  onProblem(error: unknown): void
}

/** Sweeps now and every six hours, until the returned function is called. */
export function keepUploadsSwept(sweep: UploadSweep): () => void {
  const run = () => {
    sweepUploads(sweep, Date.now()).then((removed) => {
      if (removed > 0)
        sweep.onSwept(
          `Removed ${removed} ${removed === 1 ? 'upload' : 'uploads'} older than a day that ${removed === 1 ? 'was' : 'were'} never added to a queue.`,
        )
    }, sweep.onProblem)
  }
  run()
  const timer = setInterval(run, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Removes regular files of our own naming in folders of our own naming, and nothing through a link. Returns how many folders. */
export async function sweepUploads({ recordings, referenced }: UploadSweep, now: number): Promise<number> {
  if (lstatSync(recordings, { throwIfNoEntry: false })?.isDirectory() !== true) return 0
  const old = readdirSync(recordings).filter((name) => FOLDER.test(name) && isOld(join(recordings, name), now))
  let removed = 0
  // Those in use stay old for ever: each batch is asked about, or they would hide the rest.
  for (let from = 0; from < old.length; from += AT_ONCE) {
    const candidates = old.slice(from, from + AT_ONCE)
    const kept = await referenced(candidates)
    for (const name of candidates) {
      const folder = join(recordings, name)
      // Checked again: a transfer may have begun while the database was queried.
      if (kept.has(name) || !isOld(folder, now)) continue
      for (const file of readdirSync(folder)) unlinkSync(join(folder, file))
      rmdirSync(folder)
      removed++
    }
  }
  return removed
}

/** Whether it is a folder of one upload, complete or broken off, in which nothing has changed for a day. */
function isOld(folder: string, now: number): boolean {
  const before = now - KEPT_MS
  const found = lstatSync(folder)
  const uid = process.getuid?.() ?? found.uid
  if (!found.isDirectory() || found.uid !== uid || found.mtimeMs > before) return false
  const files = readdirSync(folder)
  if (files.filter((name) => !PARTIAL.test(name)).length > 1) return false
  return files.every((name) => {
    const file = lstatSync(join(folder, name))
    return file.isFile() && file.uid === uid && file.mtimeMs <= before
  })
}
