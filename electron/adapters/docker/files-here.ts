// What the project's own files say, where they are on this machine; an error in them is told by whoever asks for it.
import { readFile } from 'node:fs/promises'
import { FailureError } from '../../contract/failure.ts'
import { type ComposeServices, readComposeFiles, usesOf } from './compose-file.ts'
import { envValues } from './env-values.ts'
import type { Layout } from './layout.ts'

/** null when the compose files are not here or have an error. */
export async function definitionsOf({ filesHere, configFiles }: Layout): Promise<ComposeServices | null> {
  if (!filesHere) return null
  try {
    return await readComposeFiles(configFiles)
  } catch (error) {
    if (error instanceof FailureError) return null
    throw error
  }
}

/** The assignments of an env file; of one that is not there, none. */
export async function valuesOf(file: string | null): Promise<ReadonlyMap<string, string>> {
  try {
    return file === null ? new Map() : envValues(await readFile(file, 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error) return new Map()
    throw error
  }
}

/**
 * For each key of .env the services that use it; null when the files are not here.
 * @throws invalid with file and line for a compose file with an error.
 */
export async function readUses({ filesHere, configFiles }: Layout): Promise<Record<string, readonly string[]> | null> {
  if (!filesHere) return null
  const services = await readComposeFiles(configFiles)
  const keys = new Map<string, readonly string[]>()
  for (const file of new Set([...services.values()].flatMap(({ envFiles }) => envFiles)))
    keys.set(file, [...(await valuesOf(file)).keys()])
  return usesOf(services, (file) => keys.get(file) ?? [])
}
