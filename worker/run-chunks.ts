// The chunks of one attempt: transcribed, saved, tried again smaller when one fails; between two the job may step aside.

import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BadInput } from './bad-input.ts'
import { CannotWork, checkTools } from './check-tools.ts'
import { isAway, reason } from './database.ts'
import { type ChunkAudio, cutChunks } from './decode.ts'
import type { Floor } from './floor.ts'
import type { LiveJob } from './live-job.ts'
import { checkRoom, machineTrouble } from './machine-trouble.ts'
import { LeaseLost } from './store/fence.ts'
import type { Checkpoint } from './store/load-chunks.ts'
import { parkJob } from './store/park-job.ts'
import { recordChunkFailure } from './store/record-chunk-failure.ts'
import { type SavedChunk, saveChunk } from './store/save-chunk.ts'
import { makeWay, noteWork } from './take-job.ts'
import { EngineUnusable, ResultLost, transcribeChunk } from './whisper.ts'

/** A chunk that fails so often fails the job, even if others were saved (DESIGN §7). */
const chunkTries = 3
/** A disk that is full from time to time; after so many, the result is missing for another reason. */
const lostTries = 5
/** whisper.cpp hears 30 s windows; below a few of them a smaller chunk helps nothing any more. */
const leastChunkMs = 10_000

/** The same part of the recording has failed three times: no other attempt will do better. */
export class ChunkFailed extends Error {}

export interface ChunkPlan {
  readonly plan: string
  readonly scratch: string
  readonly checkpoint: Checkpoint
}

type Unsaved = SavedChunk & { readonly plan: string; readonly wallMs: number }

/** All chunks of the recording in order, all saved; or `parked`. Throws ChunkFailed, BadInput, or the job's interruption. */
export async function runChunks(
  floor: Floor,
  live: LiveJob,
  { plan, scratch, checkpoint }: ChunkPlan,
): Promise<readonly SavedChunk[] | 'parked'> {
  const { job, signal } = live
  const chunks = [...checkpoint.chunks]
  const failures = new Map(checkpoint.failures)
  const unsaved: Unsaved[] = []
  const lost = new Map<number, number>()
  // An attempt that ran out of time before its first chunk was saved needs smaller ones to get anywhere.
  let chunkMs = smaller(floor.config.chunkMs, job.timeouts)
  live.audioDoneMs = chunks.at(-1)?.endMs ?? 0
  live.chunk = chunks.length
  live.beginWork()

  while (chunks.at(-1)?.last !== true) {
    const from: number = chunks.at(-1)?.endMs ?? 0
    const failed = failures.get(from) ?? 0
    if (failed >= chunkTries) throw new ChunkFailed(`The part from ${clock(from)} on failed ${failed} times before.`)
    chunkMs = Math.min(chunkMs, smaller(floor.config.chunkMs, job.timeouts + failed))
    live.phase = 'decoding'
    live.chunks = count(live, chunks, chunkMs)
    let heard = false
    for await (const audio of cutChunks(job.path, {
      fromMs: from,
      chunkMs,
      durationMs: live.audioTotalMs,
      scratch,
      signal,
    })) {
      heard = true
      const done = await transcribe(floor, live, audio, { plan, failures, lost, language: spoken(floor, chunks) })
      if (done === 'again') break
      chunks.push(done)
      unsaved.push({ ...done, plan, wallMs: done.wallMs })
      live.audioDoneMs = done.endMs
      live.chunk = chunks.length
      live.chunks = count(live, chunks, chunkMs)
      await flush(floor, live, unsaved)
      if (done.last) break
      if (await parks(floor, live, unsaved)) return 'parked'
      live.phase = 'decoding'
    }
    signal.throwIfAborted()
    if (!heard) break
  }
  await saveAll(unsaved, (one) => floor.db.insist((db) => saveChunk(db, job, floor.timing.leaseMs, one), signal))
  return chunks
}

/** One recording, one language: what its first chunk that was not silent was heard as, also after a resume. */
function spoken({ config }: Floor, chunks: readonly SavedChunk[]): string {
  if (config.language !== 'auto') return config.language
  return chunks.find(({ language }) => language !== null)?.language ?? 'auto'
}

const smaller = (chunkMs: number, times: number) =>
  Math.max(Math.min(leastChunkMs, chunkMs), Math.round(chunkMs / 2 ** times))

function count(live: LiveJob, chunks: readonly SavedChunk[], chunkMs: number): number | null {
  if (live.audioTotalMs === null) return null
  if (chunks.at(-1)?.last === true) return chunks.length
  const left = live.audioTotalMs - (chunks.at(-1)?.endMs ?? 0)
  return chunks.length + Math.max(1, Math.ceil(left / chunkMs))
}

interface Tries {
  readonly plan: string
  readonly language: string
  /** By the chunk's start in ms: how often it failed, and how often its result was not written whole. */
  readonly failures: Map<number, number>
  readonly lost: Map<number, number>
}

async function transcribe(
  floor: Floor,
  live: LiveJob,
  chunk: ChunkAudio,
  { plan, failures, lost, language: wanted }: Tries,
): Promise<(SavedChunk & { wallMs: number }) | 'again'> {
  const { config, children, db } = floor
  const { job, signal } = live
  const { startMs, endMs, audioEndMs, silent, last } = chunk
  const began = performance.now()
  live.phase = 'transcribing'
  try {
    const { words, language } = await transcribeChunk({
      engine: config.engine,
      model: config.model,
      language: wanted,
      threads: config.threads,
      chunk,
      children,
      stallMs: config.stallMs,
      signal,
      onProgress: (fraction) => {
        live.audioDoneMs = startMs + fraction * (endMs - startMs)
      },
    })
    signal.throwIfAborted()
    const wallMs = performance.now() - began
    noteWork(floor, live, endMs - startMs, wallMs, !silent)
    floor.emit({ type: 'chunk', job: job.recording, title: job.title, startMs, endMs, wallMs: Math.round(wallMs) })
    return { startMs, endMs, audioEndMs, silent, last, language, words, wallMs }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof BadInput || machineTrouble(error, config.scratch) !== null) throw error
    // A full disk shows in whisper.cpp only as a result that is missing or cut off.
    await checkRoom(dirname(chunk.wav))
    // An engine or model that has gone away or is of no use is not this job's fault.
    await checkTools(config)
    if (error instanceof EngineUnusable) throw new CannotWork(error.message, { cause: error })
    live.audioDoneMs = startMs
    const why = reason(error)
    const times = (lost.get(startMs) ?? 0) + 1
    if (error instanceof ResultLost && times <= lostTries) {
      lost.set(startMs, times)
      floor.log('warn', `${job.title}, part from ${clock(startMs)} on: ${why} Retrying it; no failure is counted.`)
      await sleep(floor.timing.backOffMs, undefined, { signal }).catch(() => undefined)
      return 'again'
    }
    const failed = await db.insist(
      (client) => recordChunkFailure(client, job, { plan, startMs, endMs, error: why }),
      signal,
    )
    failures.set(startMs, failed)
    if (failed >= chunkTries) throw new ChunkFailed(why)
    floor.log('warn', `${job.title}, part from ${clock(startMs)} on: ${why} It is tried again, smaller.`)
    return 'again'
  }
}

/** Saves what can be saved now. While the database is away chunks wait here and the work goes on. */
async function flush(floor: Floor, live: LiveJob, unsaved: Unsaved[]): Promise<void> {
  live.phase = 'saving'
  try {
    await saveAll(unsaved, (one) => floor.db.once((db) => saveChunk(db, live.job, floor.timing.leaseMs, one)))
  } catch (error) {
    if (!isAway(error)) throw error
  }
}

async function saveAll(unsaved: Unsaved[], save: (one: Unsaved) => Promise<void>): Promise<void> {
  for (let one = unsaved[0]; one !== undefined; one = unsaved[0]) {
    await save(one)
    unsaved.shift()
  }
}

/** Whether the job has stepped aside: for a better one, or because the worker is paused. */
async function parks(floor: Floor, live: LiveJob, unsaved: readonly Unsaved[]): Promise<boolean> {
  const { job } = live
  if (unsaved.length > 0) return false
  try {
    const other = floor.mode === 'paused' ? { title: 'a pause' } : await makeWay(floor, live)
    if (other === null) return false
    live.settling = true
    await floor.db.once((db) => parkJob(db, floor.table, job))
    floor.emit({ type: 'parked', job: job.recording, title: job.title, for: other.title })
    floor.wake()
    return true
  } catch (error) {
    if (error instanceof LeaseLost || !isAway(error)) throw error
    live.settling = false
    return false
  }
}

/** `0:10:00` */
function clock(ms: number): string {
  const s = Math.floor(ms / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}
