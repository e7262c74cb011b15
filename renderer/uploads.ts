// Files on their way in: sent two at a time, added as each arrives, and a report that names every single one.
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { AddReport } from '../electron/contract/job.ts'

export interface Upload {
  readonly key: number
  readonly name: string
  readonly bytes: number
  readonly sent: number
  readonly state: 'waiting' | 'sending' | 'adding' | 'added' | 'duplicate' | 'refused'
  /** Why it was refused; the job's own name when it was here already. */
  readonly note: string | null
  readonly job: string | null
}

export interface UploadPorts {
  /** Sends the bytes; resolves with the path under which they are kept. */
  send(file: File, onSent: (bytes: number) => void): Promise<string>
  add(paths: string[]): Promise<AddReport>
  reason(thrown: unknown, tried: string): string
}

export interface Uploads {
  readonly store: StoreApi<readonly Upload[]>
  addFiles(files: readonly File[]): Promise<void>
  /** Paths on the computer Unjam runs on: nothing is sent. */
  addPaths(paths: readonly string[]): Promise<void>
  refuse(name: string, because: string): void
  clear(): void
}

const AT_ONCE = 2

export function createUploads(ports: UploadPorts): Uploads {
  const store = createStore<readonly Upload[]>(() => [])
  const waiting: { key: number; file: File }[] = []
  let nextKey = 1
  let busy = 0

  const change = (key: number, fields: Partial<Upload>) =>
    store.setState((all) => all.map((one) => (one.key === key ? { ...one, ...fields } : one)), true)
  const append = (name: string, bytes: number, fields: Partial<Upload>): number => {
    const key = nextKey++
    const item: Upload = { key, name, bytes, sent: 0, state: 'waiting', note: null, job: null, ...fields }
    store.setState((all) => [...all, item], true)
    return key
  }

  async function one(key: number, file: File): Promise<void> {
    change(key, { state: 'sending' })
    try {
      const path = await ports.send(file, (sent) => change(key, { sent }))
      change(key, { state: 'adding', sent: file.size })
      change(key, outcome(await ports.add([path])))
    } catch (error) {
      change(key, { state: 'refused', note: ports.reason(error, `Add ${file.name}`) })
    }
  }

  async function drain(): Promise<void> {
    if (busy >= AT_ONCE) return
    busy++
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await one(next.key, next.file)
    busy--
  }

  return {
    store,
    async addFiles(files) {
      for (const file of files) waiting.push({ key: append(file.name, file.size, {}), file })
      await Promise.all(Array.from({ length: AT_ONCE }, drain))
    },
    async addPaths(paths) {
      const key = append(paths.length === 1 ? (paths[0] ?? '') : `${paths.length} paths`, 0, { state: 'adding' })
      try {
        const report = await ports.add([...paths])
        store.setState((all) => all.filter((item) => item.key !== key), true)
        for (const { title, id } of report.added) append(title, 0, { state: 'added', job: id })
        for (const { title, id, path } of report.duplicates)
          append(path, 0, { state: 'duplicate', note: title, job: id })
        for (const { path, because } of report.refused) append(path, 0, { state: 'refused', note: because })
        if (report.added.length + report.duplicates.length + report.refused.length === 0)
          append(paths.join(', '), 0, { state: 'refused', note: 'there are no recordings in it' })
      } catch (error) {
        change(key, { state: 'refused', note: ports.reason(error, 'Add files') })
      }
    },
    refuse: (name, because) => void append(name, 0, { state: 'refused', note: because }),
    // While files are still on their way nothing is forgotten: the report at the end is about all of them.
    clear: () => store.setState((all) => (all.every(({ state }) => ended(state)) ? [] : all), true),
  }
}

export function ended(state: Upload['state']): boolean {
  return state === 'added' || state === 'duplicate' || state === 'refused'
}

function outcome({ added, duplicates, refused }: AddReport): Partial<Upload> {
  if (added[0] !== undefined) return { state: 'added', job: added[0].id }
  if (duplicates[0] !== undefined) return { state: 'duplicate', note: duplicates[0].title, job: duplicates[0].id }
  return { state: 'refused', note: refused[0]?.because ?? 'the file was not accepted' }
}

/** As they were given; once all have ended, what was refused stands first, so that no length of list hides it. */
export function inOrder(all: readonly Upload[]): readonly Upload[] {
  if (!all.every(({ state }) => ended(state))) return all
  return all.toSorted((a, b) => Number(b.state === 'refused') - Number(a.state === 'refused'))
}

export interface UploadSum {
  readonly total: number
  readonly open: number
  readonly added: number
  readonly duplicate: number
  readonly refused: number
  readonly bytes: number
  readonly sent: number
}

export function sumUploads(all: readonly Upload[]): UploadSum {
  const of = (state: Upload['state']) => all.filter((one) => one.state === state).length
  return {
    total: all.length,
    open: all.filter((one) => !ended(one.state)).length,
    added: of('added'),
    duplicate: of('duplicate'),
    refused: of('refused'),
    bytes: all.reduce((sum, one) => sum + one.bytes, 0),
    sent: all.reduce((sum, one) => sum + one.sent, 0),
  }
}
