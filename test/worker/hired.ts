// A worker in this process for a test, with short intervals, its lines kept and its commands at hand.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  RecordingsTable,
  type WorkerCommand,
  WorkerConfig,
  type WorkerLine,
} from '../../electron/contract/worker-protocol.ts'
import { type Internals, runWorker } from '../../worker/run-worker.ts'
import type { Timing } from '../../worker/timing.ts'
import { writeAudio } from '../support/audio.ts'
import { tinyModel } from '../support/tiny-model.ts'
import { until } from '../support/until.ts'

export const quick: Timing = {
  lineMs: 50,
  workerBeatMs: 100,
  jobBeatMs: 150,
  leaseMs: 1500,
  progressMs: 100,
  watchMs: 50,
  pollMs: 50,
  silentMs: 600,
  backOffMs: 200,
}

/** A folder with recordings and the working folders of one worker; removed by `clear`. */
export function workplace() {
  const folder = mkdtempSync(join(tmpdir(), 'unjam-worker-'))
  return {
    folder,
    scratch: join(folder, 'scratch'),
    children: join(folder, 'children'),
    /** Steady sound without a pause: chunks are cut exactly every `chunkMs`. */
    tone: (name: string, seconds: number) =>
      writeAudio(join(folder, `${name}.wav`), [{ tone: 300, ms: seconds * 1000 }], { format: 'wav' }),
    silence: (name: string, seconds: number) =>
      writeAudio(join(folder, `${name}.wav`), [{ silence: true, ms: seconds * 1000 }], { format: 'wav' }),
    leftovers: () => ({
      scratch: existsSync(join(folder, 'scratch')) ? readdirSync(join(folder, 'scratch')) : [],
      children: existsSync(join(folder, 'children')) ? readdirSync(join(folder, 'children')) : [],
    }),
    clear: () => rmSync(folder, { recursive: true, force: true }),
  }
}
export type Workplace = ReturnType<typeof workplace>

export async function configFor(
  place: Workplace,
  database: string,
  engine: string,
  more: Partial<Omit<WorkerConfig, 'table'>> = {},
): Promise<WorkerConfig> {
  return WorkerConfig.parse({
    database,
    table: RecordingsTable.parse({}),
    engine,
    model: await tinyModel(),
    slots: 1,
    threads: 1,
    chunkMs: 10_000,
    scratch: place.scratch,
    children: place.children,
    ...more,
  })
}

type Line<T extends WorkerLine['type']> = Extract<WorkerLine, { type: T }>

export function hire(config: WorkerConfig, internals: Internals = { timing: quick }) {
  const lines: WorkerLine[] = []
  const queue: WorkerCommand[] = []
  const control = new AbortController()
  let wake = Promise.withResolvers<void>()
  async function* commands(): AsyncGenerator<WorkerCommand> {
    while (true) {
      const next = queue.shift()
      if (next !== undefined) yield next
      else await wake.promise
    }
  }
  const ended = runWorker(
    config,
    { emit: (line) => lines.push(line), commands: commands(), signal: control.signal },
    internals,
  )
  // Whoever awaits `ended` sees the error; until then it must not count as unhandled.
  ended.catch(() => undefined)
  const said = <T extends WorkerLine['type']>(type: T) => lines.filter((line): line is Line<T> => line.type === type)
  return {
    lines,
    ended,
    said,
    log: () => said('log').map(({ message }) => message),
    tell(command: WorkerCommand['type'] & ('pause' | 'resume' | 'drain' | 'stop' | 'look')) {
      queue.push({ type: command })
      wake.resolve()
      wake = Promise.withResolvers<void>()
    },
    abort: () => control.abort(),
    /** Waits for a line of this type about this job (by title), or about any. */
    async hears<T extends WorkerLine['type']>(type: T, title?: string, withinMs?: number): Promise<Line<T>> {
      const find = () => said(type).find((line) => title === undefined || ('title' in line && line.title === title))
      await until(`the worker says ${type} ${title ?? ''}`, () => find() !== undefined, withinMs)
      return find()!
    },
  }
}
export type Hired = ReturnType<typeof hire>
