// What a recreate is about to do, on disk before it does it: after a crash the next start knows what to put back.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { writeAtomic } from '../write-atomic.ts'

const Swap = z.object({
  service: z.string(),
  name: z.string(),
  oldId: z.string(),
  /** null until the engine has answered the create; a container `<name>_new` may exist all the same. */
  newId: z.string().nullable(),
  policy: z.object({ Name: z.string(), MaximumRetryCount: z.number() }),
  wasRunning: z.boolean(),
})
export type Swap = z.infer<typeof Swap>

const Operation = z.object({
  id: z.string().regex(/^[\w-]+$/),
  project: z.string(),
  /** Where it runs: another engine may have a project of the same name. */
  engine: z.string(),
  /** All new containers were verified: from here on it goes forward, and only the old ones are to be removed. */
  decided: z.boolean(),
  swaps: z.array(Swap),
})
export type Operation = z.infer<typeof Operation>

export interface Journal {
  /** Operations of this process that are under way: nobody else repairs them. */
  readonly active: Set<string>
  write(operation: Operation): Promise<void>
  remove(id: string): void
  /** Of this project; files that cannot be read are named. */
  list(project: string, engine: string): { operations: readonly Operation[]; unreadable: readonly string[] }
}

export function createJournal(dataDir: string): Journal {
  const folder = join(dataDir, 'recreate')
  const fileOf = (id: string) => join(folder, `${id}.json`)
  return {
    active: new Set(),
    async write(operation) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      await writeAtomic(fileOf(operation.id), JSON.stringify(operation), 0o600)
    },
    remove(id) {
      rmSync(fileOf(id), { force: true })
    },
    list(project, engine) {
      const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
      const operations: Operation[] = []
      const unreadable: string[] = []
      for (const name of names) {
        const operation = parse(readFileSync(join(folder, name), 'utf8'))
        if (operation === null) unreadable.push(join(folder, name))
        else if (operation.project === project && operation.engine === engine) operations.push(operation)
      }
      return { operations, unreadable }
    },
  }
}

function parse(text: string): Operation | null {
  try {
    return Operation.parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof Error) return null
    throw error
  }
}
