// Looks through a database for tables that look like crawl runs, with their children and the names of their sources.
import type { Queryable } from '../../../worker/store/pool.ts'
import type { RunsProposal } from '../../contract/connecting.ts'
import { CrawlTables } from '../../contract/crawl-tables.ts'
import { best, idOf, type SeenColumn } from '../postgres/guess-columns.ts'
import { guessWords } from '../postgres/guess-words.ts'
import {
  MOST_WORDS,
  readTables,
  rowsOf,
  type SeenTable,
  sampleWords,
  within,
  wordsReason,
  zoneOf,
} from '../postgres/seen-tables.ts'
import { type ForeignKey, readForeignKeys } from './foreign-keys.ts'

type JobColumns = CrawlTables['jobs']['columns']

/** Best name first; compared in lower case, words joined by `_`. Those that only crawl runs have come first. */
const rules: readonly { role: Exclude<keyof JobColumns, 'id'>; categories: string; names: readonly RegExp[] }[] = [
  { role: 'status', categories: 'SE', names: [/^status$/, /(^|_)(status|state)$/] },
  { role: 'isMultiSource', categories: 'B', names: [/multi/, /(^|_)(is_)?(parent|batch|group)(_|$)/] },
  { role: 'parent', categories: 'SNU', names: [/^parent(_(job|run))?(_id)?$/, /^parent/] },
  { role: 'sourceId', categories: 'SNU', names: [/^source(_id)?$/, /(^|_)(source|site|feed|spider)(_id)?$/] },
  { role: 'taskId', categories: 'SU', names: [/^(celery_)?task(_id)?$/, /task/] },
  { role: 'error', categories: 'S', names: [/^error(_message|_msg|_text)?$/, /error|failure|exception/] },
  { role: 'startedAt', categories: 'D', names: [/^started(_at|_on)?$/, /start|begun|began/] },
  { role: 'completedAt', categories: 'D', names: [/^completed(_at|_on)?$/, /complet|finish|ended|(^|_)end(_|$)/] },
  { role: 'createdAt', categories: 'D', names: [/^created(_at|_on)?$/, /creat|insert|added|queued|submitted/] },
]
/** Without these three it is no table of runs. */
const NEEDED = ['status', 'sourceId', 'taskId'] as const
const LOOKED_INTO = 5

interface Candidate {
  readonly table: SeenTable
  readonly id: SeenColumn
  readonly found: ReadonlyMap<string, SeenColumn>
}

/** Best fit first; an empty list is a database without any table of runs that this role may read. */
export async function proposeRuns(db: Queryable, machineZone: string): Promise<RunsProposal[]> {
  const [tables, keys] = [await readTables(db), await readForeignKeys(db)]
  const candidates = tables
    .flatMap((table) => candidateOf(table) ?? [])
    .toSorted((a, b) => b.found.size - a.found.size)
    .slice(0, LOOKED_INTO)
  const proposals: RunsProposal[] = []
  for (const candidate of candidates) {
    const proposal = await propose(db, candidate, tables, keys, machineZone)
    if (proposal !== null) proposals.push(proposal)
  }
  return proposals.toSorted((a, b) => b.fit - a.fit || (b.rows ?? 0) - (a.rows ?? 0))
}

function candidateOf(table: SeenTable): Candidate | null {
  const id = idOf(table.columns)
  if (id === null) return null
  const taken = new Set([id])
  const found = new Map<string, SeenColumn>()
  for (const { role, categories, names } of rules) {
    const free = table.columns.filter((one) => !taken.has(one) && categories.includes(one.category))
    const column = best(free, names)
    if (column === undefined) continue
    taken.add(column)
    found.set(role, column)
  }
  return NEEDED.every((role) => found.has(role)) ? { table, id, found } : null
}

async function propose(
  db: Queryable,
  { table, id, found }: Candidate,
  tables: readonly SeenTable[],
  keys: readonly ForeignKey[],
  machineZone: string,
): Promise<RunsProposal | null> {
  const status = found.get('status')
  const labels = status?.labels ?? null
  const read = (of: SeenTable, column: string) => within(db, () => sampleWords(db, of, column))
  const seen = labels ?? (await read(table, status?.name ?? ''))
  if (seen !== null && seen.length >= MOST_WORDS) return null
  const children = childrenOf(table, tables, keys)
  const theirs = children === null ? [] : ((await read(children.table, children.status)) ?? [])
  const words = guessWords([...new Set([...(seen ?? []), ...theirs])], labels !== null)
  const sources = sourcesOf(table, found.get('sourceId')?.name ?? '', tables, keys)
  const zone = await zoneOf(db, table, found.get('createdAt')?.name ?? '', machineZone)
  const named = Object.fromEntries([...found].map(([role, column]) => [role, column.name]))
  const lacking = rules.filter(({ role }) => role !== 'parent' && !found.has(role)).map(({ role }) => titles[role])
  const reasons = [
    wordsReason(status?.name ?? '', seen, words, labels !== null),
    ...(lacking.length === 0 ? [] : [`no column found for ${lacking.join(', ')}: name them, or runs cannot be read`]),
    children === null
      ? 'no table of children refers to it: name it, or runs cannot be read'
      : `its children are in ${children.table.name}, by ${children.job}`,
    sources === null ? 'no table names the sources' : `sources are named by ${sources.name} of ${sources.table}`,
    ...(zone === null ? [] : [zone.reason]),
  ]
  const parts = found.size + 1 + (children === null ? 0 : 1) + (sources === null ? 0 : 1)
  return {
    tables: CrawlTables.parse({
      schema: table.schema,
      jobs: { table: table.name, columns: { ...named, id: id.name, parent: found.get('parent')?.name ?? null } },
      ...(children === null
        ? {}
        : {
            results: {
              table: children.table.name,
              columns: {
                ...{ job: children.job, status: children.status },
                ...{ sourceId: children.sourceId, sourceName: children.sourceName },
              },
            },
          }),
      sources,
      words: words.words,
      ...(zone === null ? {} : { timeZone: zone.timeZone }),
    }),
    rows: await rowsOf(db, table),
    // A parent of its own is nothing that every table has.
    fit: Math.min(1, Math.round((parts / (rules.length + 2)) * 100) / 100),
    reasons,
    unknownWords: [...words.unknown],
  }
}

const titles: Readonly<Record<Exclude<keyof JobColumns, 'id'>, string>> = {
  status: 'the state',
  isMultiSource: 'whether a run has several sources',
  parent: 'the parent',
  sourceId: 'the source',
  taskId: 'the task',
  error: 'the error',
  startedAt: 'the start',
  completedAt: 'the end',
  createdAt: 'when it was added',
}

interface Children {
  readonly table: SeenTable
  readonly job: string
  readonly status: string
  readonly sourceId: string | null
  readonly sourceName: string | null
}

/** By a foreign key, else by a column that is called as the table is. */
function childrenOf(runs: SeenTable, tables: readonly SeenTable[], keys: readonly ForeignKey[]): Children | null {
  const single = singular(runs.name)
  const looksLike = new RegExp(`^(${single}|crawl_job|crawl_run|job|run)_id$`)
  for (const table of tables) {
    if (table === runs || table.schema !== runs.schema) continue
    const key = keys.find((one) => one.from === table.name && one.to === runs.name && one.schema === runs.schema)
    const job = key?.column ?? table.columns.find(({ name }) => looksLike.test(name))?.name
    const status = best(
      table.columns.filter(({ category }) => 'SE'.includes(category)),
      [/^status$/, /(^|_)(status|state)$/],
    )
    if (job === undefined || status === undefined) continue
    const others = table.columns.filter(({ name }) => name !== job && name !== status.name)
    return {
      ...{ table, job, status: status.name },
      sourceId: best(others, [/^source(_id)?$/, /(source|site|feed|spider)(_id)?$/])?.name ?? null,
      sourceName: best(others, [/^source_name$/, /(source|site|feed|spider).*name|^name$/])?.name ?? null,
    }
  }
  return null
}

/** The table that the source of a run refers to, else one that is called like it. */
function sourcesOf(
  runs: SeenTable,
  column: string,
  tables: readonly SeenTable[],
  keys: readonly ForeignKey[],
): CrawlTables['sources'] {
  const key = keys.find((one) => one.schema === runs.schema && one.from === runs.name && one.column === column)
  const called = column.replace(/_id$/, '')
  const table = tables.find(
    ({ schema, name }) => schema === runs.schema && (key === undefined ? singular(name) === called : name === key.to),
  )
  const id = table === undefined ? null : idOf(table.columns)
  const name = best(
    (table?.columns ?? []).filter(({ category }) => category === 'S'),
    [/^name$/, /^title$|name$/, /^(slug|domain|host)$/],
  )
  return table === undefined || id === null || name === undefined
    ? null
    : { table: table.name, id: id.name, name: name.name }
}

const singular = (name: string) => name.replace(/ies$/, 'y').replace(/s$/, '')
