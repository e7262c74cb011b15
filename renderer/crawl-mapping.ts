// The mapping of the tables of crawl runs as the form edits it: one list of lines, each a name or the words of a state.
import { CrawlTables } from '../electron/contract/crawl-tables.ts'
import { tabTitles } from './select-jobs.ts'
import { states } from './table-mapping.ts'

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

const jobTitles = {
  id: 'Id',
  sourceId: 'Source',
  status: 'State',
  startedAt: 'Started',
  createdAt: 'Added',
  completedAt: 'Ended',
  error: 'Error',
  taskId: 'Task',
  isMultiSource: 'Multi-source',
} as const
const resultTitles = { job: 'Parent', status: 'State' } as const

export interface MappingGroup {
  readonly title: string
  readonly lines: readonly MappingLine[]
}

export function crawlMapping(tables: CrawlTables): readonly MappingGroup[] {
  const { jobs, results, sources, words } = tables
  const named = (title: string, value: string, set: (name: string) => CrawlTables): MappingLine => ({
    title,
    value,
    set: (text) => (text.trim() === '' ? null : set(text.trim())),
  })
  const keys = <K extends string>(titles: Readonly<Record<K, string>>) => Object.keys(titles) as K[]
  return [
    {
      title: 'Runs',
      lines: [
        named('Schema', tables.schema, (schema) => ({ ...tables, schema })),
        named('Table', jobs.table, (table) => ({ ...tables, jobs: { ...jobs, table } })),
        ...keys(jobTitles).map((key) =>
          named(jobTitles[key], jobs.columns[key], (name) => ({
            ...tables,
            jobs: { ...jobs, columns: { ...jobs.columns, [key]: name } },
          })),
        ),
      ],
    },
    {
      title: 'Children of multi-source runs',
      lines: [
        named('Table', results.table, (table) => ({ ...tables, results: { ...results, table } })),
        ...keys(resultTitles).map((key) =>
          named(resultTitles[key], results.columns[key], (name) => ({
            ...tables,
            results: { ...results, columns: { ...results.columns, [key]: name } },
          })),
        ),
        {
          title: 'Sources',
          value: sources?.table ?? '',
          set: (text) => {
            const table = text.trim()
            return { ...tables, sources: table === '' ? null : { id: 'id', name: 'name', ...sources, table } }
          },
        },
      ],
    },
    {
      title: 'Words of each state, the first is written',
      lines: [
        ...states.map(
          (state): MappingLine => ({
            title: tabTitles[state],
            value: words[state].join(', '),
            set: (text) => {
              const own = text
                .split(',')
                .map((word) => word.trim())
                .filter((word) => word !== '')
              return own.length === 0 ? null : { ...tables, words: { ...words, [state]: own } }
            },
          }),
        ),
        named('Time zone', tables.timeZone, (timeZone) => ({ ...tables, timeZone })),
      ],
    },
  ]
}
