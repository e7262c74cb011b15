// CPU and memory of running containers: two samples make a percentage, taken only while somebody asks.
import type Docker from 'dockerode'
import { FailureError } from '../../contract/failure.ts'
import { checkStats } from './answer-shapes.ts'
import type { Container } from './container.ts'
import type { Engine } from './engine.ts'
import { before } from './engine.ts'

export interface Usage {
  readonly cpuPercent: number | null
  readonly memoryBytes: number | null
}

interface Sample {
  readonly cpu: number
  readonly atMs: number
}

const MOST = 50
const AT_ONCE = 8
const SAMPLE_MS = 2000
/** Averages over longer than this say nothing about now. */
const STALE_MS = 60_000

export interface UsageReader {
  /** What was measured last; the measuring of now goes on in the background, because an engine takes up to a second. */
  latest(containers: readonly Container[]): ReadonlyMap<string, Usage>
  close(): void
}

/** Measures only when asked, once at a time; a container that was not running then has no percentage yet. */
export function createUsage(engine: Engine): UsageReader {
  const closed = new AbortController()
  let samples = new Map<string, Sample>()
  let usages: ReadonlyMap<string, Usage> = new Map()
  let measuring = false
  /** What ended the last measuring and is no failure of the engine: the next reader reports it. */
  let fault: unknown = null

  async function sample(container: Container, oneShot: boolean) {
    const call = { tried: 'Read CPU and memory', signal: closed.signal, ms: SAMPLE_MS }
    const stats = await engine.ask(call, (docker, abortSignal) => {
      const options = { stream: false as const, 'one-shot': oneShot, abortSignal }
      return docker.getContainer(container.id).stats(options).then(checkStats)
    })
    const now = sampleOf(stats, container.inspect.Platform === 'windows')
    return { id: container.id, now, memoryBytes: memoryOf(stats) }
  }

  async function measure(running: readonly Container[]): Promise<void> {
    // Without one-shot (API 1.41) the engine itself waits for a second sample.
    const oneShot = !before((await engine.facts(closed.signal)).apiVersion, '1.41')
    const next = new Map<string, Sample>()
    const read = new Map<string, Usage>()
    for (let i = 0; i < running.length; i += AT_ONCE)
      for (const one of await Promise.all(
        running.slice(i, i + AT_ONCE).map((each) => sample(each, oneShot).catch(unread)),
      )) {
        if (one === null) continue
        if (one.now !== null) next.set(one.id, one.now)
        read.set(one.id, { cpuPercent: percent(samples.get(one.id) ?? null, one.now), memoryBytes: one.memoryBytes })
      }
    samples = next
    usages = read
  }

  return {
    latest(containers) {
      const met = fault
      fault = null
      if (met !== null) throw met
      const running = containers.filter(({ inspect }) => inspect.State.Status === 'running').slice(0, MOST)
      if (!measuring && running.length > 0 && !closed.signal.aborted) {
        measuring = true
        void measure(running)
          // Once closed nobody waits for it, and a wait that was cut off is no failure of the engine.
          .catch((error: unknown) => {
            if (!closed.signal.aborted && !(error instanceof FailureError)) fault = error
          })
          .finally(() => {
            measuring = false
          })
      }
      return usages
    },
    close: () => closed.abort(),
  }
}

/** A container that stops while it is asked has no usage; everything else about it is still worth showing. */
function unread(error: unknown): null {
  if (error instanceof FailureError) return null
  throw error
}

/** Percent of one core between two samples. */
export function percent(from: Sample | null, to: Sample | null): number | null {
  if (from === null || to === null) return null
  const wall = to.atMs - from.atMs
  if (wall <= 0 || wall > STALE_MS || to.cpu < from.cpu) return null
  return Math.round(((to.cpu - from.cpu) / wall) * 1000) / 10
}

/** CPU time in ms: nanoseconds on Linux, units of 100 ns on Windows. null for a container that has just ended. */
function sampleOf(stats: Docker.ContainerStats, windows: boolean): Sample | null {
  const atMs = Date.parse(stats.read)
  const total = stats.cpu_stats?.cpu_usage?.total_usage
  if (total === undefined || Number.isNaN(atMs) || stats.read.startsWith('0001-')) return null
  return { cpu: total / (windows ? 1e4 : 1e6), atMs }
}

/** As `docker stats` counts it: without the page cache that the kernel would give back at once. */
function memoryOf({ memory_stats: memory }: Docker.ContainerStats): number | null {
  if (memory === undefined) return null
  if ('privateworkingset' in memory) return Number(memory.privateworkingset)
  if (memory.usage === undefined) return null
  const inactive = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0
  return Math.max(0, memory.usage - inactive)
}
