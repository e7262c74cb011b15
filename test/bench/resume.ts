// What kill -9 costs: a worker process is killed in the middle of a long recording, again and again, and goes on.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { RecordingsTable, WorkerConfig, type WorkerLine } from '../../electron/contract/worker-protocol.ts'
import { writeAudio } from '../support/audio.ts'
import { testDatabase } from '../support/postgres.ts'
import { everySecond, scriptedEngine } from '../support/scripted-engine.ts'
import { tinyModel } from '../support/tiny-model.ts'
import { until } from '../support/until.ts'
import type { Table } from './run.ts'

const minutes = 30
const chunkMinutes = 3

/** Target: each kill repeats at most one chunk, no retry is burned, no engine is left. */
export async function resume(quick = false): Promise<Table> {
  const kills = quick ? [2] : [2, 5, 8]
  const folder = await mkdtemp(join(tmpdir(), 'unjam-resume-'))
  const { url, pool, drop } = await testDatabase()
  try {
    const path = join(folder, 'long.wav')
    await writeAudio(path, [{ tone: 300, ms: minutes * 60_000 }], { format: 'wav', rate: 8000 })
    await pool.query('INSERT INTO recordings (file_name, file_path) VALUES ($1, $2)', ['long', path])
    const { engine, runs } = await scriptedEngine({ words: everySecond(minutes), speed: 90 })
    const config = WorkerConfig.parse({
      database: url,
      table: RecordingsTable.parse({}),
      engine,
      model: await tinyModel(),
      slots: 1,
      threads: 1,
      chunkMs: chunkMinutes * 60_000,
      scratch: join(folder, 'scratch'),
      children: join(folder, 'children'),
      drain: true,
    })
    const back: number[] = []
    let killed = 0
    for (const at of [...kills, null]) {
      const worker = start(config)
      await worker.hears('started')
      if (killed > 0) back.push(performance.now() - killed)
      if (at === null) {
        if ((await worker.exited) !== 0) throw new Error('the worker did not drain')
        break
      }
      await until(
        `chunk ${at} is in the middle`,
        () => new Set(runs().map(({ startMs }) => startMs)).size > at,
        120_000,
      )
      killed = performance.now()
      worker.kill()
      await worker.exited
    }
    const starts = runs().map(({ startMs }) => startMs)
    const chunks = new Set(starts).size
    const { rows } = await pool.query<{ status: string; retries: number; seconds: number }>(
      `SELECT status, retry_count AS retries,
              (SELECT count(*)::int FROM unjam.segment s, regexp_split_to_table(s.text, ' ')) AS seconds FROM recordings`,
    )
    const [row] = rows
    const worst = Math.max(...[...new Set(starts)].map((start) => starts.filter((one) => one === start).length - 1))
    return {
      title: `Resume after kill -9: ${minutes} minutes in ${chunks} chunks, killed ${kills.length} times`,
      columns: ['', 'measured', 'target'],
      rows: [
        ['chunks repeated by one kill, at most', String(worst), '≤ 1'],
        ['chunks repeated in all', String(starts.length - chunks), `≤ ${kills.length}`],
        ['state, retries burned', `${row?.status}, ${row?.retries}`, 'done, 0'],
        ['words in the transcript', String(row?.seconds), String(minutes * 60)],
        ['from kill to work again, at most', `${(Math.max(...back) / 1000).toFixed(1)} s`, ''],
      ],
    }
  } finally {
    await drop()
    await rm(folder, { recursive: true, force: true })
  }
}

function start(config: WorkerConfig) {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../worker/main.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines: WorkerLine[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)))
  child.stdin.write(`${JSON.stringify({ type: 'configure', config })}\n`)
  return {
    exited: once(child, 'exit').then(([code]) => code as number | null),
    kill: () => child.kill('SIGKILL'),
    hears: (type: WorkerLine['type']) =>
      until(`the worker says ${type}`, () => lines.some((line) => line.type === type), 120_000),
  }
}
