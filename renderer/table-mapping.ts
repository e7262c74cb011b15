// The mapping of a table to jobs as the form edits it: columns by what they hold, words by state, the time zone.
import type { MappingProposal } from '../electron/contract/connecting.ts'
import type { JobState } from '../electron/contract/job.ts'
import type { RecordingsTable } from '../electron/contract/worker-protocol.ts'
import { count, percent } from './format.ts'

type Columns = RecordingsTable['columns']

export const columnTitles: readonly { name: keyof Columns; title: string; needed: boolean }[] = [
  { name: 'id', title: 'Id', needed: true },
  { name: 'status', title: 'State', needed: true },
  { name: 'title', title: 'Name', needed: true },
  { name: 'heartbeat', title: 'Heartbeat', needed: true },
  { name: 'createdAt', title: 'Added', needed: true },
  { name: 'path', title: 'File', needed: false },
  { name: 'duration', title: 'Audio, seconds', needed: false },
  { name: 'retryCount', title: 'Retries', needed: false },
  { name: 'error', title: 'Error', needed: false },
  { name: 'startedAt', title: 'Started', needed: false },
  { name: 'completedAt', title: 'Ended', needed: false },
  { name: 'transcript', title: 'Transcript', needed: false },
]

export const states: readonly JobState[] = ['queued', 'running', 'done', 'failed', 'skipped']

/** A needed column keeps its old name rather than none. */
export function withColumn(table: RecordingsTable, name: keyof Columns, text: string): RecordingsTable {
  const value = text.trim()
  const needed = columnTitles.find((one) => one.name === name)?.needed ?? false
  if (value === '' && needed) return table
  return { ...table, columns: { ...table.columns, [name]: value === '' ? null : value } }
}

/** “Pending, queued”: commas separate; the first is the one that is written. */
export function wordsIn(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

export function withWords(table: RecordingsTable, state: JobState, text: string): RecordingsTable {
  const words = wordsIn(text)
  return words.length === 0 ? table : { ...table, words: { ...table.words, [state]: words } }
}

/** Words of the column that still belong to no state. */
export function unclaimed(
  { unknownWords }: Pick<MappingProposal, 'unknownWords'>,
  { words: own }: Pick<RecordingsTable, 'words'>,
): string[] {
  const claimed = new Set(Object.values(own).flatMap((words) => words.map((word) => word.toLowerCase())))
  return unknownWords.filter((word) => !claimed.has(word.toLowerCase()))
}

export const nameOf = ({ schema, table }: RecordingsTable) => `${schema}.${table}`

/** “public.call_recordings, 1090 rows, 92 % of what is looked for”. */
export function proposalText(name: string, { rows, fit }: Pick<MappingProposal, 'rows' | 'fit'>): string {
  const size = rows === null ? 'rows not counted' : count(rows, 'row')
  return `${name}, ${size}, ${percent(fit, 1)} % of what is looked for`
}
