// The real whisper.cpp engine for tests: the one of this checkout, built on first use.
import { join } from 'node:path'
import { createEngineStore } from '../../electron/adapters/engine-build.ts'

let path: Promise<string> | null = null

/** Path of whisper-cli. Several test files may ask at once: one builds, the others wait for it. */
export function engine(): Promise<string> {
  const why = process.env.UNJAM_TEST_NO_WHISPER
  if (why !== undefined) return Promise.reject(new Error(`whisper-cli is not built: ${why}`))
  path ??= createEngineStore({ root: join(import.meta.dirname, '../..'), onLog: () => undefined }).ensure(
    AbortSignal.timeout(15 * 60_000),
  )
  return path
}
