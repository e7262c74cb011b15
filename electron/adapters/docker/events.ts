// The engine's event stream of one project, as a hint to read again: reopened with back-off, never trusted to be complete.
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { sentence, toFailure } from '../../contract/failure.ts'
import { AnswerFault } from './answer-shapes.ts'
import { type Engine, openStream } from './engine.ts'
import { ofProject } from './labels.ts'

const FIRST_MS = 500
const LONGEST_MS = 30_000
/** A stream that survives a suspended machine may be dead without a word; a new one costs nothing. */
const REOPEN_MS = 5 * 60_000
/** In characters; the labels of a container are in each of its events. */
const LONGEST_EVENT = 4_000_000
/** Several events of one command are one hint. */
const GATHER_MS = 100

const Event = z.looseObject({ Action: z.string().default('') })

export interface Events {
  /** Opens the stream with the first listener and closes it with the last. */
  onChange(listener: () => void): () => void
  close(): void
}

export function createEvents(
  engine: Engine,
  project: (signal: AbortSignal) => Promise<string>,
  onProblem: (sentence: string) => void,
): Events {
  const listeners = new Set<() => void>()
  let open: AbortController | null = null
  let hint: NodeJS.Timeout | null = null

  function changed(): void {
    hint ??= setTimeout(() => {
      hint = null
      for (const listener of listeners) listener()
    }, GATHER_MS)
  }

  async function follow(stop: AbortSignal): Promise<void> {
    let pause = FIRST_MS
    let told = ''
    while (!stop.aborted) {
      const reopen = AbortSignal.timeout(REOPEN_MS)
      try {
        await listen(AbortSignal.any([stop, reopen]), () => {
          // It stands: whatever happened while it did not is found by reading everything again.
          pause = FIRST_MS
          told = ''
          changed()
        })
      } catch (error) {
        if (stop.aborted) return
        if (reopen.aborted) continue
        const problem = sentence(toFailure(error, 'Follow the events of the stack'))
        if (problem !== told) onProblem(problem)
        told = problem
      }
      engine.forget()
      changed()
      await delay(pause, undefined, { signal: stop }).catch(() => undefined)
      pause = Math.min(pause * 2, LONGEST_MS)
    }
  }

  async function listen(signal: AbortSignal, opened: () => void): Promise<void> {
    const filters = { ...ofProject(await project(signal)), type: ['container'] }
    await engine.ask({ tried: 'Follow the events of the stack', signal, ms: null }, async (docker, abortSignal) => {
      const stream = await openStream(docker, '/events', abortSignal, { filters })
      opened()
      let rest = ''
      for await (const chunk of stream) {
        const lines = `${rest}${Buffer.from(chunk).toString('utf8')}`.split('\n')
        rest = lines.pop() ?? ''
        if (rest.length > LONGEST_EVENT) throw new AnswerFault('it sent an event that does not end')
        if (lines.some(matters)) changed()
      }
    })
  }

  return {
    onChange(listener) {
      listeners.add(listener)
      if (open === null) {
        open = new AbortController()
        void follow(open.signal)
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        open?.abort()
        open = null
      }
    },
    close() {
      listeners.clear()
      open?.abort()
      open = null
      if (hint !== null) clearTimeout(hint)
      hint = null
    },
  }
}

/** Health checks are `exec_…` events every few seconds; their outcome is an event of its own. */
function matters(line: string): boolean {
  if (line.trim() === '') return false
  try {
    return !/^(exec_|top|attach|resize|archive-path)/.test(Event.parse(JSON.parse(line)).Action)
  } catch (error) {
    // One that cannot be read is still a sign that something happened.
    if (error instanceof Error) return true
    throw error
  }
}
