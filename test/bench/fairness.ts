// Runbook 0 as a measurement: a 63-minute recording runs in the only slot, and twenty of one minute queue up behind it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecordingsTable, WorkerConfig } from '../../electron/contract/worker-protocol.ts'
import { runWorker } from '../../worker/run-worker.ts'
import type { Policy } from '../../worker/schedule.ts'
import { productionTiming } from '../../worker/timing.ts'
import { writeAudio } from '../support/audio.ts'
import { testDatabase } from '../support/postgres.ts'
import { tinyModel } from '../support/tiny-model.ts'
import { pacedEngine } from './paced-engine.ts'
import type { Table } from './run.ts'

const longMinutes = 63
const shorts = 20

interface Run {
  readonly policy: Policy
  readonly chunkMinutes: number
}
interface Measured extends Run {
  /** In minutes of audio: wall time divided by what a minute of audio takes. */
  readonly meanWait: number
  readonly worstWait: number
  readonly longEnd: number
}

/** Targets: 3.5 times better than first in, first out with 10-minute chunks, 4.5 times with shorter ones; the long one at most 10 % late. */
export async function fairness(quick = false): Promise<Table> {
  // About as fast as the smallest models are on good processors: what the worker adds to each job shows as it is.
  const minuteMs = quick ? 1000 : 2500
  const folder = await mkdtemp(join(tmpdir(), 'unjam-fairness-'))
  try {
    const files = {
      long: await tone(join(folder, 'long.wav'), longMinutes),
      short: await tone(join(folder, 'short.wav'), 1),
      engine: await pacedEngine(folder, minuteMs),
    }
    const runs: readonly Run[] = [
      { policy: 'fifo', chunkMinutes: 10 },
      { policy: 'fair', chunkMinutes: 10 },
      { policy: 'fair', chunkMinutes: 5 },
      { policy: 'fair', chunkMinutes: 1 },
    ]
    // Side by side, each on its own database: the engine only sleeps, so they are not in each other's way.
    const measured = await Promise.all(runs.map((run, i) => measure(run, join(folder, String(i)), files, minuteMs)))
    return table(measured, minuteMs)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function* noCommands(): AsyncGenerator<never> {
  // Nobody tells this worker anything: it ends by itself when the queue is empty.
}

const tone = (path: string, minutes: number) =>
  writeAudio(path, [{ tone: 300, ms: minutes * 60_000 }], { format: 'wav', rate: 8000 })

function table(measured: readonly Measured[], minuteMs: number): Table {
  const [fifo] = measured
  if (fifo === undefined) throw new Error('nothing was measured')
  const work = longMinutes + shorts
  // Nothing can do better than interrupting the long job at once and running the short ones in a row.
  const optimum = (shorts - 1) / 2
  const target: Record<string, string> = { 'fair 10': '≥ 3.5 ×', 'fair 5': '≥ 4.5 ×', 'fair 1': '≥ 4.5 ×' }
  return {
    title: `Fairness, one slot: ${longMinutes} minutes running, ${shorts} × 1 minute queued (1 minute of audio = ${minuteMs} ms)`,
    columns: [
      '',
      'mean wait',
      'worst wait',
      'against first in, first out',
      'target',
      'of the optimum',
      'long one late',
      'target',
    ],
    rows: measured.map(({ policy, chunkMinutes, meanWait, worstWait, longEnd }) => [
      policy === 'fifo' ? 'first in, first out' : `Unjam, ${chunkMinutes}-minute chunks`,
      `${meanWait.toFixed(1)} min`,
      `${worstWait.toFixed(1)} min`,
      `${(fifo.meanWait / meanWait).toFixed(2)} ×`,
      target[`${policy} ${chunkMinutes}`] ?? '',
      `${(meanWait / optimum).toFixed(2)} ×`,
      policy === 'fifo' ? '' : `${(100 * (longEnd / work - 1)).toFixed(1)} %`,
      policy === 'fifo' ? '' : '≤ 10 %',
    ]),
  }
}

async function measure(
  run: Run,
  folder: string,
  files: { long: string; short: string; engine: string },
  minuteMs: number,
): Promise<Measured> {
  const { url, pool, drop } = await testDatabase()
  const add = (name: string, path: string, minutes: number) =>
    pool.query('INSERT INTO recordings (file_name, file_path, duration_seconds) VALUES ($1, $2, $3)', [
      name,
      path,
      minutes * 60,
    ])
  try {
    await add('long', files.long, longMinutes)
    const config = WorkerConfig.parse({
      database: url,
      table: RecordingsTable.parse({}),
      engine: files.engine,
      model: await tinyModel(),
      slots: 1,
      threads: 1,
      chunkMs: run.chunkMinutes * 60_000,
      scratch: join(folder, 'scratch'),
      children: join(folder, 'children'),
      drain: true,
    })
    let queued: Promise<unknown> | null = null
    const emit = (line: { type: string }) => {
      if (line.type !== 'started' || queued !== null) return
      queued = Promise.all(Array.from({ length: shorts }, (_, i) => add(`short ${i}`, files.short, 1)))
    }
    const links = { emit, commands: noCommands(), signal: new AbortController().signal }
    await runWorker(config, links, { policy: run.policy, timing: productionTiming })
    await queued
    const { rows } = await pool.query<{ name: string; waitMs: number; sinceMs: number }>(
      `SELECT r.file_name AS name, extract(epoch FROM min(a.started_at) - r.created_at)::float8 * 1000 AS "waitMs",
              extract(epoch FROM r.completed_at - min(a.started_at))::float8 * 1000 AS "sinceMs"
         FROM recordings r JOIN unjam.attempt a ON a.recording = r.id::text
        WHERE r.status = 'done' GROUP BY r.id`,
    )
    const waits = rows.filter(({ name }) => name !== 'long').map(({ waitMs }) => waitMs / minuteMs)
    const longEnd = rows.find(({ name }) => name === 'long')?.sinceMs
    if (waits.length !== shorts || longEnd === undefined) throw new Error('not every job was done')
    const meanWait = waits.reduce((sum, wait) => sum + wait, 0) / shorts
    return { ...run, meanWait, worstWait: Math.max(...waits), longEnd: longEnd / minuteMs }
  } finally {
    await drop()
  }
}
