// What a change of .env records before its first write: enough to complete it, roll it back and undo it.
import * as z from 'zod'
import { parseEnv } from '../env-text.ts'
import type { Done } from './action.ts'
import type { Values } from './recreate-services.ts'

/** Also the trail of the receipt. The text stays in the backup beside the file: it holds secrets. */
export const EnvRecord = z.object({
  backup: z.string(),
  /** Hashes of the file: as it was, and as the action left it. */
  before: z.string(),
  after: z.string(),
  services: z.array(z.string()),
  /** Ids of the containers of these services before it. */
  containers: z.array(z.string()),
  /** The keys whose values changed. */
  keys: z.array(z.string()),
  summary: z.string(),
})
export type EnvRecord = z.infer<typeof EnvRecord>

export function envDone(record: EnvRecord, count: number, notes: readonly string[]): Done {
  return {
    count,
    left: [],
    summary: [record.summary, ...notes].join(' '),
    trail: record.backup === '' ? null : JSON.stringify(record),
  }
}

export function valuesIn(text: string, keys: readonly string[]): Values {
  const { values } = parseEnv(text)
  return Object.fromEntries(keys.map((key) => [key, values.get(key) ?? null]))
}
