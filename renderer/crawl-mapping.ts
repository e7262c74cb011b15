// The mapping of the tables of crawl runs as the form edits it: one list of lines, each a name or the words of a state.
import { CrawlTables } from '../electron/contract/crawl-tables.ts'
import { tabTitles } from './select-jobs.ts'
import { states, wordsIn } from './table-mapping.ts'

export interface MappingLine {
  readonly title: string
  readonly value: string
  /** null: what was typed changes nothing. */
  readonly set: (text: string) => CrawlTables | null
}

export const tablesOf = (rest: Readonly<Record<string, unknown>>): CrawlTables => {
  const read = CrawlTables.safeParse(rest.tables ?? {})
  return read.success ? read.data : CrawlTables.parse({})
}

/** “public.crawl_jobs”. */
export const runsName = ({ schema, jobs }: CrawlTables) => `${schema}.${jobs.table}`

const runTitles = {
  id: 'Id',
  sourceId: 'Source',
  status: 'State',
  startedAt: 'Started',
  createdAt: 'Added',
  completedAt: 'Ended',
  error: 'Error',
  taskId: 'Task',
  isMultiSource: 'Multi-source',
  parent: 'Parent run',
} as const
const childTitles = { job: 'Parent', status: 'State', sourceId: 'Source', sourceName: 'Source name' } as const
/** Without these a run is read all the same. */
const optional: ReadonlySet<string> = new Set(['parent', 'sourceId', 'sourceName'])
const sourceTitles = { id: 'Id', name: 'Name' } as const

export interface MappingGroup {
  readonly title: string
  readonly lines: readonly MappingLine[]
}

export function crawlMapping(tables: CrawlTables): readonly MappingGroup[] {
  return [runs(tables), children(tables), sources(tables), words(tables)]
}

function runs(tables: CrawlTables): MappingGroup {
  const { jobs } = tables
  const change = (changed: Partial<CrawlTables['jobs']>) => ({ ...tables, jobs: { ...jobs, ...changed } })
  return {
    title: 'Runs',
    lines: [
      named('Schema', tables.schema, (schema) => ({ ...tables, schema })),
      named('Table', jobs.table, (table) => change({ table })),
      ...columns(runTitles, jobs.columns, (changed) => change({ columns: { ...jobs.columns, ...changed } })),
    ],
  }
}

function children(tables: CrawlTables): MappingGroup {
  const { results } = tables
  const change = (changed: Partial<CrawlTables['results']>) => ({ ...tables, results: { ...results, ...changed } })
  return {
    title: 'Children of multi-source runs',
    lines: [
      named('Table', results.table, (table) => change({ table })),
      ...columns(childTitles, results.columns, (changed) => change({ columns: { ...results.columns, ...changed } })),
    ],
  }
}

/** Emptied, the table is not read: a run is called by its source's id, or by what its children say. */
function sources(tables: CrawlTables): MappingGroup {
  const { sources: table } = tables
  const usual = { id: 'id', name: 'name' }
  return {
    title: 'Names of sources',
    lines: [
      {
        title: 'Table',
        value: table?.table ?? '',
        set: (text) => ({
          ...tables,
          sources: text.trim() === '' ? null : { ...usual, ...table, table: text.trim() },
        }),
      },
      ...(table === null
        ? []
        : columns(sourceTitles, { id: table.id, name: table.name }, (changed) => ({
            ...tables,
            sources: { ...table, ...changed },
          }))),
    ],
  }
}

function words(tables: CrawlTables): MappingGroup {
  return {
    title: 'Words of each state, the first is written',
    lines: [
      ...states.map(
        (state): MappingLine => ({
          title: tabTitles[state],
          value: tables.words[state].join(', '),
          set: (text) => {
            const own = wordsIn(text)
            return own.length === 0 ? null : { ...tables, words: { ...tables.words, [state]: own } }
          },
        }),
      ),
      named('Time zone', tables.timeZone, (timeZone) => ({ ...tables, timeZone })),
    ],
  }
}

function named(title: string, value: string, set: (name: string) => CrawlTables): MappingLine {
  return { title, value, set: (text) => (text.trim() === '' ? null : set(text.trim())) }
}

function columns<K extends string>(
  titles: Readonly<Record<K, string>>,
  names: Readonly<Record<K, string | null>>,
  set: (changed: Record<string, string | null>) => CrawlTables,
): MappingLine[] {
  return (Object.keys(titles) as K[]).map((key) => ({
    ...named(titles[key], names[key] ?? '', (name) => set({ [key]: name })),
    ...(optional.has(key) ? { set: (text: string) => set({ [key]: text.trim() === '' ? null : text.trim() }) } : {}),
  }))
}
