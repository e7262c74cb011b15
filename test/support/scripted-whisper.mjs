#!/usr/bin/env node
// Stands in for whisper-cli: says known words at known times of the recording, as far as they lie in the chunk it is given.
// Run as it is it says one word a second; scripted-engine.ts writes executables with a script of their own.
import { appendFileSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const pause = (ms) => new Promise((done) => setTimeout(done, ms))
const clock = (ms) => new Date(Math.round(ms)).toISOString().slice(11, 23)

/** What `-m model -f file -t n -l lang -ojf -of prefix -pp` say. */
function readArguments(given) {
  const argv = given[0]?.startsWith('@') ? readFileSync(given[0].slice(1), 'utf8').split('\n') : given
  const value = (flag) => argv[argv.indexOf(flag) + 1]
  return { file: value('-f'), prefix: value('-of'), language: value('-l'), full: argv.includes('-ojf') }
}

/** Milliseconds of sound in a 16 kHz mono s16 WAV, and how loud its loudest sample is. */
function readWav(path) {
  const header = Buffer.alloc(44)
  readSync(openSync(path, 'r'), header, 0, 44, 0)
  if (header.toString('latin1', 0, 4) !== 'RIFF' || header.readUInt32LE(24) !== 16000)
    throw new Error('not a 16 kHz WAV')
  return header.readUInt32LE(40) / 32
}

/** The chunk's place in the recording is the name of the folder it lies in. */
const chunkStart = () => Number(basename(process.cwd()))

function tokens(word, from, to) {
  return [{ text: word, timestamps: {}, offsets: { from, to }, id: 1000, p: 0.9, t_dtw: -1 }]
}

/** Words as this chunk hears them: one across an edge of the chunk is garbled, as whisper would garble it. */
export function heardWords(script, startMs, endMs) {
  const heard = []
  for (const word of script.words) {
    if (word.endMs <= startMs || word.startMs >= endMs) continue
    const broken = word.startMs < startMs || word.endMs > endMs
    const from = Math.max(word.startMs, startMs) + (script.jitterMs ?? 0) * (heard.length % 2 === 0 ? 1 : -1)
    heard.push({
      text: broken ? ` ~${word.text.trim()}` : word.text,
      from: Math.max(0, from - startMs),
      to: Math.max(0, Math.min(word.endMs, endMs) - startMs),
    })
  }
  return heard
}

export async function run(script, argv) {
  const options = readArguments(argv)
  const startMs = chunkStart()
  const lengthMs = readWav(options.file)
  if (script.log)
    appendFileSync(
      script.log,
      `${JSON.stringify({ pid: process.pid, startMs, lengthMs, argv, file: resolve(options.file) })}\n`,
    )
  const rule = (script.rules ?? []).find(({ atMs }) => atMs >= startMs && atMs < startMs + lengthMs) ?? {}
  const failures =
    rule.times === undefined
      ? 0
      : readFileSync(script.log, 'utf8')
          .split('\n')
          .filter((line) => {
            if (line === '') return false
            const seen = JSON.parse(line)
            return rule.atMs >= seen.startMs && rule.atMs < seen.startMs + seen.lengthMs
          }).length
  const applies = rule.times === undefined || failures <= rule.times
  const wallMs = script.speed ? lengthMs / script.speed : 0
  for (let step = 0; step < 20; step++) {
    if (wallMs > 0) await pause(wallMs / 20)
    process.stderr.write(`whisper_print_progress_callback: progress = ${String(step * 5).padStart(3)}%\n`)
    if (applies && rule.does === 'hang' && step === 10) await new Promise((done) => setTimeout(done, 2 ** 31 - 1))
    if (applies && rule.does === 'crash' && step === 10) process.kill(process.pid, 'SIGSEGV')
    if (applies && rule.does === 'fail' && step === 10) {
      process.stderr.write(`error: ${rule.because ?? 'failed to process audio'}\n`)
      process.exit(rule.code ?? 10)
    }
  }
  const heard = heardWords(script, startMs, startMs + lengthMs)
  const size = script.wordsPerSegment ?? 5
  const transcription = []
  for (let i = 0; i < heard.length; i += size) {
    const part = heard.slice(i, i + size)
    const offsets = { from: part[0].from, to: part.at(-1).to }
    process.stdout.write(
      `[${clock(offsets.from)} --> ${clock(offsets.to)}]  ${part.map((word) => word.text).join('')}\n`,
    )
    transcription.push({
      timestamps: {},
      offsets,
      text: part.map((word) => word.text).join(''),
      tokens: part.flatMap((word) => tokens(word.text, word.from, word.to)),
    })
  }
  const output = {
    model: { multilingual: true },
    result: { language: options.language === 'auto' ? (script.language ?? 'en') : options.language },
    transcription,
  }
  if (!(applies && rule.does === 'nothing'))
    writeFileSync(
      `${options.prefix}.json`,
      applies && rule.does === 'half' ? JSON.stringify(output).slice(0, 100) : JSON.stringify(output),
    )
  process.exit(rule.code ?? 0)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = Array.from({ length: 36_000 }, (_, i) => ({
    text: ` word${i}`,
    startMs: i * 1000 + 100,
    endMs: i * 1000 + 700,
  }))
  await run({ words }, process.argv.slice(2))
}
