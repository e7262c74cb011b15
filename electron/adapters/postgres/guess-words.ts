// What the words of a status column mean, in any case and spelling; a word that means nothing known is said.
import type { JobState } from '../../contract/job.ts'
import type { RecordingsTable } from '../../contract/worker-protocol.ts'

const synonyms: Readonly<Record<JobState, readonly string[]>> = {
  queued: ['queued', 'pending', 'waiting', 'new', 'ready', 'todo', 'created', 'enqueued', 'scheduled', 'uploaded'],
  running: [
    'processing',
    'running',
    'in_progress',
    'inprogress',
    'started',
    'active',
    'working',
    'transcribing',
    'busy',
  ],
  done: ['done', 'completed', 'complete', 'finished', 'success', 'succeeded', 'successful', 'processed', 'transcribed'],
  failed: ['failed', 'failure', 'error', 'errored', 'dead', 'aborted'],
  skipped: ['skipped', 'ignored', 'cancelled', 'canceled', 'excluded'],
}
const states = ['queued', 'running', 'done', 'failed', 'skipped'] as const satisfies readonly JobState[]

export interface Words {
  readonly words: RecordingsTable['words']
  readonly unknown: readonly string[]
  /** States that a word of the table means. */
  readonly known: readonly JobState[]
}

const plain = (word: string) =>
  word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')

/** The table's own spelling first, for that is the one written; the usual words where it has shown none. */
export function guessWords(seen: readonly string[], isEnum: boolean): Words {
  const words = { queued: [], running: [], done: [], failed: [], skipped: [] } as Record<JobState, string[]>
  for (const state of states) {
    const rank = (word: string) => synonyms[state].indexOf(plain(word))
    words[state] = seen.filter((word) => rank(word) >= 0).sort((a, b) => rank(a) - rank(b))
  }
  const known = states.filter((state) => words[state].length > 0)
  const shouting = seen.length > 0 && seen.every((word) => word === word.toUpperCase())
  for (const state of states) {
    if (words[state].length > 0) continue
    const usual = synonyms[state].slice(0, 2)
    // An enum can hold no other word; the mapping must name one all the same, and the table check will say so.
    words[state] = shouting && !isEnum ? usual.map((word) => word.toUpperCase()) : [...usual]
  }
  return {
    words,
    known,
    unknown: seen.filter((word) => !states.some((state) => synonyms[state].includes(plain(word)))),
  }
}
