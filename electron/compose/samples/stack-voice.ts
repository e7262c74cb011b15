// What a sample's workers and scheduler write into their logs, in Celery's own lines (celery/app/log.py, celery/beat.py).
import { randomUUID } from 'node:crypto'
import type { MemoryStack } from '../../adapters/memory-stack.ts'
import type { Done } from './recording-rows.ts'

interface Named {
  readonly id: string
  readonly name: string
}

export interface StackVoice {
  ready(worker: string, container: string): void
  begins(
    container: string,
    task: Named & { readonly job: string | null },
    what: { name: string; seconds: number },
    atMs?: number,
  ): void
  /** `limit`: seconds of the hard time limit that ended it; null: it succeeded. */
  ends(container: string, task: Named, limit: number | null, atMs?: number): void
  /** What was done before the sample began, the oldest first. */
  did(container: string, task: string, done: readonly Done[]): void
  /** The scheduler sends a periodic task. */
  ticks(service: string, container: string, task: string, atMs: number): void
}

export function stackVoice(stack: MemoryStack, nowMs: () => number): StackVoice {
  function write(service: string, container: string, atMs: number, process: string, level: string, text: string): void {
    const [day = '', time = ''] = new Date(atMs).toISOString().replace('.', ',').replace('Z', '').split('T')
    stack.logged.write(service, container, atMs, `[${day} ${time}: ${level}/${process}] ${text}`)
  }
  const worker = (container: string, atMs: number, process: string, level: string, text: string) =>
    write('worker', container, atMs, process, level, text)
  const voice: StackVoice = {
    ready: (name, container) => worker(container, nowMs(), 'MainProcess', 'INFO', `${name} ready.`),
    begins(container, { id, name, job }, what, atMs = nowMs()) {
      const say = (text: string) => worker(container, atMs, 'ForkPoolWorker-1', 'INFO', `${name}[${id}]: ${text}`)
      worker(container, atMs, 'MainProcess', 'INFO', `Task ${name}[${id}] received`)
      say(`Recording ${job}, task ${id}: attempt 1, ${what.name}`)
      say('Transcribing audio…')
      say(`Processing audio with duration ${clock(what.seconds)}`)
    },
    ends(container, { id, name }, limit, atMs = nowMs()) {
      if (limit === null)
        worker(container, atMs, 'ForkPoolWorker-1', 'INFO', `Task ${name}[${id}] succeeded in 1.2s: None`)
      else worker(container, atMs, 'MainProcess', 'ERROR', `Hard time limit (${limit}s) exceeded for ${name}[${id}]`)
    },
    did(container, name, done) {
      for (const { id: job, startedAt, endedAt, ...recording } of done) {
        const task = { id: randomUUID(), name, job }
        voice.begins(container, task, recording, startedAt.getTime())
        voice.ends(container, task, null, endedAt.getTime())
      }
    },
    ticks(service, container, task, atMs) {
      const entry = task.slice(task.lastIndexOf('.') + 1).replaceAll('_', '-')
      write(service, container, atMs, 'MainProcess', 'INFO', `Scheduler: Sending due task ${entry} (${task})`)
    },
  }
  return voice
}

/** 3780.882 → 01:03:00.882 */
function clock(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 23)
}
