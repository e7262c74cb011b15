// The .env that a stack's containers were made with, where the settings name none: found when it is first needed.
import { FailureError } from '../contract/failure.ts'
import type { EnvFile, Stack } from '../core/ports/stack.ts'

export function envFileOfStack(stack: Stack, open: (path: string) => EnvFile): EnvFile {
  let found: EnvFile | null = null

  async function file(signal: AbortSignal): Promise<EnvFile> {
    const { envFile, filesHere, project } = await stack.info(signal)
    if (envFile === null || !filesHere)
      throw new FailureError({
        kind: 'missing',
        tried: 'Find the .env',
        on: project,
        because: envFile === null ? 'its containers do not say where it is' : `${envFile} is not on this machine`,
        remedy: 'Name the file in the settings of this system.',
      })
    if (found?.path !== envFile) found = open(envFile)
    return found
  }

  return {
    get path() {
      return found?.path ?? '.env'
    },
    read: async (signal) => (await file(signal)).read(signal),
    hashOf(text) {
      if (found === null) throw new Error('the .env has not been read yet')
      return found.hashOf(text)
    },
    removeLeftovers: async () => (await file(AbortSignal.timeout(findWithinMs))).removeLeftovers(),
    backUp: async (hash) => (await file(AbortSignal.timeout(findWithinMs))).backUp(hash),
    readBackup: async (backup, signal) => (await file(signal)).readBackup(backup, signal),
    replace: async (text, hash, backup) => (await file(AbortSignal.timeout(findWithinMs))).replace(text, hash, backup),
  }
}

const findWithinMs = 10_000
