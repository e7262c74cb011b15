// Recordings for the quick tools (quick-tools/): files that say how long they are and how their transcription goes.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface RecordingFile {
  readonly title?: string
  /** Seconds of audio that ffprobe tells. Default 61.5. */
  readonly duration?: number
  /** Seconds that whisper-cli works. Default 0. */
  readonly seconds?: number
  /** whisper-cli fails with this line. */
  readonly error?: string
  /** ffprobe says it is not audio. */
  readonly broken?: string
}

export const quickTools = join(import.meta.dirname, 'quick-tools')

/** The environment in which the stack's worker uses the quick tools. */
export const quickToolsEnv = {
  FFPROBE: join(quickTools, 'ffprobe'),
  FFMPEG: join(quickTools, 'ffmpeg'),
  WHISPER_CLI: join(quickTools, 'whisper-cli'),
}

/** Writes it into `folder` and answers with its file name. */
export function writeRecording(folder: string, file: RecordingFile = {}): string {
  const {
    title = 'Call recording 5454_210513_095857.m4a',
    duration = 61.5,
    seconds = 0,
    error = '',
    broken = '',
  } = file
  mkdirSync(folder, { recursive: true })
  const lines = Object.entries({ title, duration, seconds, error, broken }).map(([key, value]) => `${key}='${value}'`)
  const name = title.replaceAll('/', '_')
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`)
  return name
}
