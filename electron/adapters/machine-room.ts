// What is left of this machine: memory that programs could still get, and the disks that Unjam writes to.
import { statfsSync } from 'node:fs'
import { totalmem } from 'node:os'
import type { Room } from '../core/ports/local.ts'

/** Asked at every diagnosis; a disk does not fill within seconds. */
const FRESH_MS = 10_000

/** @param paths folders whose disks count; two on one disk are one. */
export function createMachineRoom(paths: readonly string[], now = () => performance.now()): () => Room {
  let latest: { room: Room; atMs: number } | null = null
  return () => {
    if (latest === null || now() - latest.atMs >= FRESH_MS) latest = { room: read(paths), atMs: now() }
    return latest.room
  }
}

function read(paths: readonly string[]): Room {
  const disks = paths.flatMap((path) => diskOf(path) ?? [])
  return {
    // Not os.freemem(): on Linux that leaves out the file cache, which is given back when it is wanted.
    freeMemoryBytes: process.availableMemory(),
    memoryBytes: totalmem(),
    disks: disks.filter((disk, n) => disks.findIndex((other) => same(disk, other)) === n),
  }
}

/** null: it cannot be measured (a share that is away), which is no disk that is full. */
function diskOf(path: string): Room['disks'][number] | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(path)
    return { path, freeBytes: bavail * bsize, bytes: blocks * bsize }
  } catch {
    return null
  }
}

function same(a: Room['disks'][number], b: Room['disks'][number]): boolean {
  return a.freeBytes === b.freeBytes && a.bytes === b.bytes
}
