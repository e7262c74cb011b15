// `npm run bench [NAME…] [-- --quick]`: measures what the design promises and prints one table for each.
import { parseArgs } from 'node:util'

/** A measured table: cells are text already rounded and with units. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What a bench that needs data from elsewhere is given: file names and lists, as they were typed. */
export interface Options {
  readonly model?: string | undefined
  readonly audio?: string | undefined
  readonly texts?: string | undefined
  readonly minutes?: string | undefined
  readonly chunks?: string | undefined
  readonly recording?: string | undefined
  readonly threads?: string | undefined
}

const benches: Readonly<Record<string, () => Promise<(quick: boolean, options: Options) => Promise<Table>>>> = {
  overhead: async () => (await import('./overhead.ts')).overhead,
  fairness: async () => (await import('./fairness.ts')).fairness,
  resume: async () => (await import('./resume.ts')).resume,
  pages: async () => (await import('./pages.ts')).pages,
  past: async () => (await import('./past.ts')).past,
  'stack-pages': async () => (await import('./stack-pages.ts')).stackPages,
  'queue-summary': async () => (await import('./queue-summary.ts')).queueSummary,
  'queue-actions': async () => (await import('./queue-actions.ts')).queueActions,
  'worker-answers': async () => (await import('./worker-answers.ts')).workerAnswers,
  diagnosis: async () => (await import('./diagnosis.ts')).diagnosis,
  startup: async () => (await import('./startup.ts')).startup,
  'diagnose-cold': async () => (await import('./diagnose-cold.ts')).diagnoseCold,
  idle: async () => (await import('./idle.ts')).idle,
  speech: async () => (await import('./speech.ts')).speech,
}

export function print({ title, columns, rows }: Table): void {
  const width = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => (row[i] ?? '').length)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(width[i] ?? 0) : cell.padStart(width[i] ?? 0))).join('   ')
  console.log(`\n${title}\n${line(columns)}\n${width.map((n) => '─'.repeat(n)).join('   ')}`)
  for (const row of rows) console.log(line(row))
}

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    model: { type: 'string' },
    audio: { type: 'string' },
    texts: { type: 'string' },
    minutes: { type: 'string' },
    chunks: { type: 'string' },
    recording: { type: 'string' },
    threads: { type: 'string' },
  },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`)
  process.exit(64)
}
for (const [name, load] of Object.entries(benches))
  if (positionals.length === 0 || positionals.includes(name)) print(await (await load())(values.quick, values))
