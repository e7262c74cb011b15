// What a sample's workers write into their log, in Celery's own lines (celery/app/log.py, celery/app/trace.py).
import type { MemoryStack } from '../../adapters/memory-stack.ts'

interface Named {
  readonly id: string
  readonly name: string
}

export interface WorkerVoice {
  ready(worker: string, container: string): void
  begins(
    container: string,
    task: Named & { readonly job: string | null },
    what: { name: string; seconds: number },
    atMs?: number,
  ): void
  /** `limit`: seconds of the hard time limit that ended it; null: it succeeded. */
  ends(container: string, task: Named, limit: number | null): void
}

export function workerVoice(stack: MemoryStack, nowMs: () => number): WorkerVoice {
  function write(container: string, atMs: number, process: string, level: string, text: string): void {
    const [day = '', time = ''] = new Date(atMs).toISOString().replace('.', ',').replace('Z', '').split('T')
    stack.logged.write('worker', container, atMs, `[${day} ${time}: ${level}/${process}] ${text}`)
  }
  return {
    ready: (worker, container) => write(container, nowMs(), 'MainProcess', 'INFO', `${worker} ready.`),
    begins(container, { id, name, job }, what, atMs = nowMs()) {
      const say = (text: string) => write(container, atMs, 'ForkPoolWorker-1', 'INFO', `${name}[${id}]: ${text}`)
      write(container, atMs, 'MainProcess', 'INFO', `Task ${name}[${id}] received`)
      say(`Recording ${job}, task ${id}: attempt 1, ${what.name}`)
      say('Transcribing audio…')
      say(`Processing audio with duration ${clock(what.seconds)}`)
    },
    ends(container, { id, name }, limit) {
      if (limit === null)
        write(container, nowMs(), 'ForkPoolWorker-1', 'INFO', `Task ${name}[${id}] succeeded in 1.2s: None`)
      else write(container, nowMs(), 'MainProcess', 'ERROR', `Hard time limit (${limit}s) exceeded for ${name}[${id}]`)
    },
  }
}

/** 3780.882 → 01:03:00.882 */
function clock(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 23)
}
