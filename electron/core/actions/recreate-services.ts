// Services recreated with other values of .env: the outcome, and why it failed, without secrets.
import { toFailure } from '../../contract/failure.ts'
import { maskText } from '../../contract/secrets/mask-text.ts'
import { envSecrets } from '../env-secrets.ts'
import type { Recreated, Stack } from '../ports/stack.ts'

export type Values = Record<string, string | null>
export type NotRecreated = Extract<Recreated, { ok: false }>
const LOG_LINES = 5

/** Any failure while containers are replaced is an outcome here: the file must be restored. */
export async function recreated(
  stack: Stack,
  services: readonly string[],
  changes: Values,
  signal: AbortSignal,
): Promise<Recreated> {
  try {
    return await stack.recreate(services, changes, signal)
  } catch (error) {
    const { because } = toFailure(error, 'Recreate the services')
    return { ok: false, way: 'compose', because, log: [], rolledBack: false }
  }
}

/** Why, with the end of the log; secrets of the file are masked in both. */
export function explain({ because, log }: NotRecreated, texts: readonly string[]): string {
  const lines = log.map((line) => line.trim()).filter((line) => line !== '')
  const end = lines.length === 0 ? '' : `; its log ends: ${lines.slice(-LOG_LINES).join(' ⏎ ')}`
  return maskText(because.replace(/\.$/, '') + end, texts.flatMap(envSecrets))
}
