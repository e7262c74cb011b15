// An executable that acts as whisper-cli by a script: known words, speed, hangs, crashes; for tests of timing and stitching.
import { readFileSync, rmSync } from 'node:fs'
import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface EngineScript {
  /** Times in ms of the recording; texts begin with a space. */
  readonly words: readonly { readonly text: string; readonly startMs: number; readonly endMs: number }[]
  readonly wordsPerSegment?: number
  /** Audio seconds per wall second; absent: at once. */
  readonly speed?: number
  /** Shifts the times of words, differently in every chunk. */
  readonly jitterMs?: number
  readonly language?: string
  /** What happens in chunks that hold the moment `atMs`; `times`: only the first so many runs of such chunks. */
  readonly rules?: readonly {
    readonly atMs: number
    /** `finish`: the whole result, and then the exit code. */
    readonly does: 'hang' | 'crash' | 'fail' | 'nothing' | 'half' | 'finish'
    readonly times?: number
    readonly code?: number
    readonly because?: string
  }[]
}

export interface ScriptedEngine {
  /** To be passed as `engine`. */
  readonly engine: string
  /** Every run so far, in order. */
  runs(): { pid: number; startMs: number; lengthMs: number; argv: string[] }[]
}

const folders: string[] = []
const clean = () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}
// Vitest ends its processes without an exit event; benches run outside of it.
if (process.env.VITEST === undefined) process.once('exit', clean)
else (await import('vitest')).afterAll(clean)

/** Writes the executable into a folder of its own under the system's temporary folder, gone with this test file. */
export async function scriptedEngine(script: EngineScript): Promise<ScriptedEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'unjam-engine-'))
  folders.push(folder)
  const log = join(folder, 'runs.log')
  const engine = join(folder, 'whisper-cli.mjs')
  const actor = new URL('./scripted-whisper.mjs', import.meta.url).href
  await writeFile(log, '')
  await writeFile(
    engine,
    `#!/usr/bin/env node\nimport { run } from ${JSON.stringify(actor)}\nawait run(${JSON.stringify({ ...script, log })}, process.argv.slice(2))\n`,
  )
  await chmod(engine, 0o755)
  return {
    engine,
    runs: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  }
}

/** One word a second, for `minutes` of a recording. */
export function everySecond(minutes: number): EngineScript['words'] {
  return Array.from({ length: minutes * 60 }, (_, i) => ({
    text: ` word${i}`,
    startMs: i * 1000 + 100,
    endMs: i * 1000 + 700,
  }))
}
