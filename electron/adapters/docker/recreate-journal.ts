// Journal of recreate operations on disk: written before the first change, so that an interrupted one can be repaired.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import * as z from 'zod'
import { writeAtomic } from '../write-atomic.ts'

const Swap = z.object({
  service: z.string(),
  /** Which replica; null in a journal of an earlier version. */
  number: z.number().int().nullable().default(null),
  name: z.string(),
  oldId: z.string(),
  /** null until the engine has answered the create; a container `<name>_new` may exist all the same. */
  newId: z.string().nullable(),
  policy: z.object({ Name: z.string(), MaximumRetryCount: z.number() }),
  wasRunning: z.boolean(),
})
export type Swap = z.infer<typeof Swap>

const Child = z.object({ pid: z.number().int().positive(), start: z.string().nullable(), untilMs: z.number() })

/** Names and ids only: no environment, no secret. */
const Operation = z.object({
  id: z.string().regex(/^[\w-]+$/),
  project: z.string(),
  /** Where it runs: another engine may have a project of the same name. */
  engine: z.string(),
  /** Who replaces the containers: Unjam through the engine, or the compose command. */
  way: z.enum(['engine', 'compose']).default('engine'),
  /** All new containers were verified: from here on it goes forward, and only the old ones are to be removed. */
  decided: z.boolean(),
  /** Complete, but the new container does not stay up: only what ran before is still of interest, to the next recreate. */
  settled: z.boolean().default(false),
  swaps: z.array(Swap),
  /** Containers of these services that existed before; whatever else has their labels came with the operation or later. */
  known: z.array(z.string()).default([]),
  /** The compose command, which may outlive this process. */
  child: Child.nullable().default(null),
})
export type Operation = z.infer<typeof Operation>

/** What the stacks of one data directory share in this process. */
interface Shared {
  /** Operations in progress: never repaired. */
  readonly active: Set<string>
  /** Changes in progress: leftovers of their services are not touched meanwhile. */
  readonly changes: Set<{ readonly scope: string; readonly services: readonly string[] }>
  /** Repairs in progress, one for each project at a time. */
  readonly repairs: Map<string, Promise<unknown>>
  /** Unfinished operations, each with why, as a sentence. */
  readonly pending: Map<string, { readonly scope: string; readonly sentence: string }>
}
const sharedOf = new Map<string, Shared>()

export interface Journal extends Shared {
  write(operation: Operation): Promise<void>
  /** @throws the operating system's error. */
  remove(id: string): void
  /** Of this project on this engine; entries that cannot be read are named by their path. */
  list(project: string, engine: string): { operations: readonly Operation[]; unreadable: readonly string[] }
}

export function createJournal(dataDir: string): Journal {
  const folder = join(resolve(dataDir), 'recreate')
  const shared = sharedOf.get(folder) ?? {
    active: new Set(),
    changes: new Set(),
    repairs: new Map(),
    pending: new Map(),
  }
  sharedOf.set(folder, shared)
  const fileOf = (id: string) => join(folder, `${id}.json`)
  return {
    ...shared,
    async write(operation) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      await writeAtomic(fileOf(operation.id), JSON.stringify(operation), 0o600)
    },
    remove(id) {
      rmSync(fileOf(id), { force: true })
      shared.pending.delete(id)
    },
    list(project, engine) {
      const operations: Operation[] = []
      const unreadable: string[] = []
      for (const file of entries(folder, unreadable)) {
        const operation = read(file)
        if (operation === null) unreadable.push(file)
        else if (operation.project === project && operation.engine === engine) operations.push(operation)
      }
      return { operations, unreadable }
    },
  }
}

/** Unfinished operations of one project on one engine belong together. */
export function scopeOf({ project, engine }: Pick<Operation, 'project' | 'engine'>): string {
  return `${engine} ${project}`
}

function entries(folder: string, unreadable: string[]): string[] {
  if (!existsSync(folder)) return []
  try {
    return readdirSync(folder).flatMap((name) => (name.endsWith('.json') ? [join(folder, name)] : []))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    unreadable.push(folder)
    return []
  }
}

/** null where it is damaged, or a copy under another name: its id must not lead to another entry. */
function read(file: string): Operation | null {
  try {
    const operation = Operation.parse(JSON.parse(readFileSync(file, 'utf8')))
    return `${operation.id}.json` === basename(file) ? operation : null
  } catch (error) {
    if (error instanceof Error) return null
    throw error
  }
}
