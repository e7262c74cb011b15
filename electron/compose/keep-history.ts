// Readings are recorded while the core runs, and handed out as ranges, reports and bundles.
import { readFile } from 'node:fs/promises'
import { packBundle, unpackBundle } from '../adapters/bundle-file.ts'
import { openRecords } from '../adapters/records-sqlite.ts'
import type { Bundle } from '../contract/bundle.ts'
import { FailureError } from '../contract/failure.ts'
import type { Archive, Core } from '../core/api.ts'
import { createArchive } from '../core/archive.ts'
import type { FindingsLog } from '../core/ports/findings.ts'
import type { Clock } from '../core/ports/local.ts'
import { recordHistory } from '../core/record-history.ts'

export interface KeepOptions {
  /** The SQLite file of readings. */
  readonly file: string
  readonly core: Core
  readonly findings: FindingsLog
  readonly clock: Clock
  readonly version: string
  secrets(): readonly string[]
  /** Serves a bundle at an address of its own, until the process ends. */
  serve(bundle: Bundle): Promise<{ url: string }>
  onBug(where: string, error: unknown): void
}

export interface KeptHistory {
  readonly archive: Archive
  readonly notices: readonly string[]
  /** Recording begins; a host for one command only looks. */
  start(): void
  close(): Promise<void>
}

export function keepHistory(options: KeepOptions): KeptHistory {
  const { core, clock, onBug } = options
  const records = openRecords(options.file)
  const recorder = recordHistory({ clock, records, latest: core.latest, onBug })
  const archive = createArchive({
    ...options,
    records,
    pack(bundle) {
      const bytes = packBundle(bundle)
      return { base64: bytes.toString('base64'), bytes: bytes.length }
    },
    open: async (file) => options.serve(await readBundle(file)),
  })
  return {
    archive,
    notices: records.notices,
    start: recorder.start,
    async close() {
      await recorder.stop()
      records.close()
    },
  }
}

/** A path on this machine, or the file itself. */
export async function readBundle(file: { path: string } | { base64: string }): Promise<Bundle> {
  if ('base64' in file) return unpackBundle(Buffer.from(file.base64, 'base64'), 'the file')
  const { path } = file
  try {
    return unpackBundle(await readFile(path), path)
  } catch (error) {
    if (error instanceof FailureError) throw error
    const because = error instanceof Error ? error.message : String(error)
    throw new FailureError(
      { kind: 'missing', tried: 'Open the bundle', on: path, because, remedy: null },
      { cause: error },
    )
  }
}
