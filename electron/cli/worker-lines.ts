// What a worker says, for a person: one sentence an event, and a progress line that is redrawn.
import { assertNever } from '../contract/failure.ts'
import type { WorkerLine } from '../contract/worker-protocol.ts'
import { count, duration, printable } from './columns.ts'
import type { Terminal } from './terminal.ts'

export function tellWorker(line: WorkerLine, terminal: Terminal): void {
  if (line.type === 'beat') {
    const slots = line.slots.map((slot) => {
      const of = slot.audioTotalMs === null ? '' : ` of ${duration(slot.audioTotalMs)}`
      const left = slot.etaMs === null ? '' : `, ready in ${duration(slot.etaMs)}`
      return `${printable(slot.title)}: ${duration(slot.audioDoneMs)}${of}${left}`
    })
    if (slots.length > 0) terminal.progress(slots.join(' · '), false)
    return
  }
  // The command itself ends with that sentence.
  if (line.type === 'bye' && line.reason === 'fatal') return
  const text = sentenceOf(line)
  // With --json stdout belongs to the one document at the end.
  if (terminal.json) terminal.say(text)
  else terminal.write(`${text}\n`)
}

function sentenceOf(line: Exclude<WorkerLine, { type: 'beat' }>): string {
  switch (line.type) {
    case 'ready':
      return `The worker is ready: ${count(line.slots, 'slot')} of ${count(line.threads, 'thread')}, model ${line.model}.`
    case 'started': {
      const kept = line.resumedChunks === 0 ? '' : `, goes on after ${count(line.resumedChunks, 'saved chunk')}`
      return `started   ${printable(line.title)} (attempt ${line.attempt}${kept})`
    }
    case 'chunk':
      return `saved     ${printable(line.title)} to ${duration(line.endMs)} in ${duration(line.wallMs)}`
    case 'parked':
      return `parked    ${printable(line.title)}, steps aside for ${printable(line.for)}`
    case 'done':
      return `done      ${printable(line.title)}: ${duration(line.audioMs)} of audio in ${duration(line.wallMs)}`
    case 'failed':
      return `failed    ${printable(line.title)}: ${printable(line.error)}${line.final ? '' : ' (will be tried again)'}`
    case 'cancelled':
      return `cancelled ${printable(line.title)}`
    case 'log':
      return `${line.level.padEnd(9)} ${printable(line.message)}`
    case 'bye':
      return line.message ?? (line.reason === 'drained' ? 'Nothing is left to do.' : 'The worker has stopped.')
    default:
      return assertNever(line)
  }
}

/** How many of each ending there were. */
export function workerTally() {
  const tally = { done: 0, failed: 0, cancelled: 0, parked: 0 }
  return {
    count(line: WorkerLine): void {
      if (line.type === 'done' || line.type === 'cancelled' || line.type === 'parked') tally[line.type]++
      else if (line.type === 'failed' && line.final) tally.failed++
    },
    result: () => ({ ...tally }),
  }
}
