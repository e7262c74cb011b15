// `unjam transcribe FILE`: one recording to text, without a database or a queue.
import { mkdirSync, rmSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { createDataFolder, type DataFolder, dataDirectory } from '../compose/data-folder.ts'
import { capacity } from '../compose/worker-slots.ts'
import { FailureError } from '../contract/failure.ts'
import { TranscriptFormat } from '../contract/job.ts'
import { onePositional, readArguments, value, wholeNumber } from './arguments.ts'
import { duration } from './columns.ts'
import type { Command, Context } from './command.ts'
import { engineProgress } from './engine-progress.ts'
import { exitCode } from './exit-codes.ts'
import { modelFile } from './model-file.ts'
import { checkPlace, writeWhole } from './write-whole.ts'

export const transcribe: Command = {
  help: `unjam transcribe FILE --model FILE [--format txt|srt|vtt|json] [--out FILE] [--threads N] [--language L]
                        [--chunk MINUTES] [--data DIR] [--json]

One audio or video file to text; needs no database. Progress is on stderr, the transcript on stdout or in --out
(written whole or not at all). Without --model the one of the settings is used, or the only one there is.
  --language L     a code like en or de; auto (the default) listens first
  --chunk MINUTES  cut at pauses near this, 1 to 120; the default is the Chunk setting, 10 unless changed
Exit 4 when the file or the model cannot be used, with a sentence why.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      model: { type: 'string' },
      format: { type: 'string', default: 'txt' },
      out: { type: 'string' },
      threads: { type: 'string' },
      language: { type: 'string', default: 'auto' },
      chunk: { type: 'string' },
    })
    const path = resolve(onePositional(positionals, 'FILE'))
    const format = value(TranscriptFormat, 'format', values.format, TranscriptFormat.options.join(', '))
    const threads = wholeNumber('threads', values.threads, 256) ?? null
    const chunk = wholeNumber('chunk', values.chunk, 120)
    if (values.out !== undefined) checkPlace(values.out)
    const folder = createDataFolder(dataDirectory(values.data))
    const model = await modelFile(values.model, folder, context.signal)
    const { threads: chosen } = capacity(machine(), { slots: 1, threads }, 0)
    const { segments, audioMs } = await run(context, folder, {
      path,
      model,
      threads: chosen,
      language: values.language,
      chunkMs: Math.round((chunk ?? (await chunkSetting(folder))) * 60_000),
      engine: await engineProgress(context),
    })
    const { exportTranscript } = await import('../core/export-transcript.ts')
    const { text } = exportTranscript(basename(path), segments, format)
    if (values.out !== undefined) writeWhole(values.out, text)
    if (context.terminal.json)
      context.terminal.result({ file: path, model, audioMs, segments, out: values.out ?? null }, () => '')
    else if (values.out === undefined) context.terminal.write(text)
    else context.terminal.say(`Written to ${values.out}.`)
    return exitCode.ok
  },
}

async function chunkSetting(folder: DataFolder): Promise<number> {
  const { openSettings } = await import('../adapters/settings-file.ts')
  return openSettings(folder.path).get().worker.chunkMinutes
}

const machine = () => ({ cores: availableParallelism(), memoryBytes: totalmem() })

async function run(
  { signal, terminal }: Context,
  folder: DataFolder,
  job: { path: string; model: string; threads: number; language: string; chunkMs: number; engine: string },
) {
  const { ownChildren } = await import('../../worker/children.ts')
  const { transcribeFile } = await import('../../worker/transcribe-file.ts')
  const { BadInput } = await import('../../worker/bad-input.ts')
  const scratch = join(folder.scratch, `transcribe-${process.pid}`)
  mkdirSync(scratch, { recursive: true, mode: 0o700 })
  mkdirSync(folder.children, { recursive: true, mode: 0o700 })
  const children = ownChildren(join(folder.children, `${process.pid}.json`))
  let tenths = 0
  try {
    return await transcribeFile({
      ...job,
      stallMs: 300_000,
      scratch,
      children,
      signal,
      onProgress({ audioDoneMs, audioTotalMs, speed, etaMs }) {
        const of = audioTotalMs === null ? '' : ` of ${duration(audioTotalMs)}`
        const rate = speed === null ? '' : `, ${speed.toFixed(1)} × real time`
        const left = etaMs === null ? '' : `, ready in ${duration(etaMs)}`
        const reached = audioTotalMs === null || audioTotalMs === 0 ? 0 : Math.floor((10 * audioDoneMs) / audioTotalMs)
        terminal.progress(`${duration(audioDoneMs)}${of}${rate}${left}`, !terminal.interactive && reached > tenths)
        tenths = Math.max(tenths, reached)
      },
    })
  } catch (error) {
    const { Stalled, EngineFailed } = await import('../../worker/whisper.ts')
    const known = error instanceof BadInput || error instanceof Stalled || error instanceof EngineFailed
    if (!known) throw error
    const because = error.message.replace(/\.$/, '')
    const kind = error instanceof BadInput ? 'invalid' : 'refused'
    throw new FailureError({ kind, tried: 'Transcribe', on: job.path, because, remedy: null }, { cause: error })
  } finally {
    await children.killAll()
    rmSync(scratch, { recursive: true, force: true })
  }
}
