// Crawl runs that have not ended as a tree, with the second witness of each: workers and queues (runbook 3, steps 2 to 4).
import type { CrawlTables } from '../contract/crawl-tables.ts'
import { sentence, toFailure } from '../contract/failure.ts'
import type { Job, JobState } from '../contract/job.ts'
import type { RunChild, RunNode, RunPlace, RunTree } from '../contract/run-tree.ts'
import type { System } from './ports/system.ts'
import { type Holders, holdersOf } from './run-holders.ts'

/** Of each state. */
const RUNS = 100
/** Their children are a reading each. */
const PARENTS = 25

export async function readRunTree(system: System, signal: AbortSignal): Promise<RunTree> {
  const { jobs } = system
  const page = (state: 'queued') =>
    jobs.page(
      {
        ...{ system: system.id, state, search: '', cursor: null },
        ...{ sort: 'created', descending: false, limit: RUNS },
      },
      signal,
    )
  const [queued, running] = await Promise.all([page('queued'), jobs.running(RUNS + 1, signal)])
  const runs: readonly Job[] = [...running.slice(0, RUNS), ...queued.jobs]
  const [placeOf, children] = await Promise.all([places(runs, system, signal), childrenOf(runs, system, signal)])
  const ids = new Set(runs.map(({ id }) => id))
  const nodes = runs
    .filter(({ parent }) => parent == null || !ids.has(parent))
    .map(
      (run): RunNode => ({
        ...{ run, place: placeOf(run), children: children.get(run.id) ?? [] },
        runs: runs.filter(({ parent }) => parent === run.id).map((child) => ({ run: child, place: placeOf(child) })),
      }),
    )
  return { nodes, more: running.length > RUNS || queued.cursor !== null }
}

async function places(runs: readonly Job[], { broker }: System, signal: AbortSignal): Promise<(run: Job) => RunPlace> {
  if (broker === null) return () => ({ at: 'unknown', by: 'no broker is configured' })
  let holders: Holders
  let silent: string | undefined
  try {
    const [held, workers] = await Promise.all([holdersOf(runs, broker, signal), broker.control.workers(signal)])
    holders = held
    silent = workers.find(({ state }) => ['busy', 'hung', 'frozen', 'unknown'].includes(state))?.name
  } catch (error) {
    const by = sentence(toFailure(error, 'Ask the workers'))
    return () => ({ at: 'unknown', by })
  }
  return ({ id }) => {
    const task = holders.held.get(id)
    if (task !== undefined) return { at: task.state, by: task.worker }
    const message = holders.waiting.get(id)
    if (message !== undefined) return { at: 'queue', by: message.queue }
    if (silent !== undefined) return { at: 'unknown', by: `${silent} does not answer` }
    return { at: holders.taken.has(id) ? 'taken' : 'nowhere', by: null }
  }
}

/** By parent; the rows that a run's detail reads of the table of results. */
async function childrenOf(runs: readonly Job[], { jobs }: System, signal: AbortSignal) {
  const { tables } = jobs
  const parents = runs.filter((run) => (run.children?.total ?? 0) > 0).slice(0, PARENTS)
  if (tables === undefined) return new Map<string, RunChild[]>()
  const from = `${tables.schema}.${tables.results.table}`
  const read = parents.map(async ({ id }) => {
    const detail = await jobs.detail(id, signal)
    const rows = (detail?.facts ?? []).filter(({ source }) => source === from)
    return [id, rows.map(({ label, value }) => childOf(tables, label, value ?? ''))] as const
  })
  return new Map(await Promise.all(read))
}

function childOf({ words }: CrawlTables, title: string, word: string): RunChild {
  const states: readonly JobState[] = ['queued', 'running', 'done', 'failed', 'skipped']
  const state = states.find((one) => words[one].some((own) => own.toLowerCase() === word.toLowerCase()))
  return { title, state: state ?? null, word }
}
