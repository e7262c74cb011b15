// Whether the recordings of a shared table are on this machine: a worker elsewhere must not fail a whole queue for it.
import { access, constants } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CannotWork } from './check-tools.ts'
import type { Floor } from './floor.ts'
import { localPath } from './store/local-path.ts'
import { samplePaths } from './store/sample-paths.ts'

type Place = Pick<Floor, 'config' | 'db' | 'table'>

/** Of so many jobs of one stack some have their files here, or none has. */
const SAMPLE = 20

/**
 * null when one of the open jobs has its file here, or none is open.
 * @param missing of a job that was taken, and is not open any more.
 */
export async function recordingsElsewhere(
  { config, db, table }: Place,
  signal: AbortSignal,
  missing: readonly string[] = [],
): Promise<CannotWork | null> {
  if (!config.shared) return null
  const open = await db.insist((client) => samplePaths(client, table, SAMPLE), signal)
  const paths = [...missing, ...open.map((path) => localPath(path, config.folders))]
  const [first] = paths
  if (first === undefined) return null
  for (const path of paths) if (await exists(path)) return null
  return new CannotWork(
    `None of the recordings that wait is on this machine: ${first} is not here. Start the worker where they are, or name their folder in the settings of this system. All jobs are left as they are.`,
  )
}

/** A job's own folder is there: then its file alone is missing, and that is the job's fault. */
export function hasFolder(path: string): Promise<boolean> {
  return exists(dirname(path))
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}
