// `unjam jobs`: pages of jobs in one state, or in all of them one after the other.
import * as z from 'zod'
import { assertNever, FailureError } from '../contract/failure.ts'
import { type Job, type JobPage, JobSort, JobState } from '../contract/job.ts'
import { readArguments, value, WrongUsage, wholeNumber } from './arguments.ts'
import { columns, duration } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { runningNote } from './running-table.ts'
import { chosenSystem, type Session, withCore } from './session.ts'

/** Without --state: what needs attention first. */
const order: readonly JobState[] = ['running', 'queued', 'failed', 'skipped', 'done']

export const jobs: Command = {
  help: `unjam jobs [--system ID] [--state STATE] [--search TEXT] [--sort KEY] [--descending] [--limit N] [--cursor C] [--data DIR] [--json]

A page of jobs. Without --state: running, queued, failed, skipped, done, one after the other.
  --state STATE   queued, running, done, failed or skipped
  --search TEXT   part of the name, any case
  --sort KEY      created (default), updated, title or audio; --descending turns it round
  --limit N       1 to 500, 100 when not given
  --cursor C      where the page before ended
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      system: { type: 'string' },
      state: { type: 'string' },
      search: { type: 'string', default: '' },
      sort: { type: 'string', default: 'created' },
      descending: { type: 'boolean', default: false },
      limit: { type: 'string' },
      cursor: { type: 'string' },
    })
    if (positionals.length > 0) throw new WrongUsage('jobs takes no names; unjam job ID shows one')
    const query: Query = {
      sort: value(JobSort, 'sort', values.sort, JobSort.options.join(', ')),
      limit: wholeNumber('limit', values.limit, 500) ?? 100,
      search: value(z.string().max(200), 'search', values.search, 'a text of at most 200 characters'),
      descending: values.descending,
    }
    const state =
      values.state === undefined ? null : value(JobState, 'state', values.state, JobState.options.join(', '))
    const page = await withCore(values.data, context, async (session) => {
      const system = await chosenSystem(session.client, values.system)
      const cursor = values.cursor ?? null
      return state === null
        ? everyState(session, { ...query, system }, cursor, context.signal, (sentence) =>
            context.terminal.say(sentence),
          )
        : session.client.jobs.page({ ...query, system, state, cursor }, { signal: context.signal })
    })
    context.terminal.result(page, () => text(page))
    return exitCode.ok
  },
}

interface Query {
  readonly sort: JobSort
  readonly limit: number
  readonly search: string
  readonly descending: boolean
}

/** Its cursor is `STATE~CURSOR`: the state to go on with and where in it. */
async function everyState(
  { client }: Session,
  query: Query & { system: string },
  cursor: string | null,
  signal: AbortSignal,
  say: (sentence: string) => void,
): Promise<JobPage> {
  const [first, within] = cursor === null ? ['running', ''] : splitOnce(cursor)
  const begin = JobState.safeParse(first)
  if (!begin.success) throw new WrongUsage('--cursor is not one that unjam jobs printed')
  const found: Job[] = []
  for (const [i, state] of order.slice(order.indexOf(begin.data)).entries()) {
    const limit = query.limit - found.length
    if (limit === 0) return { jobs: found, cursor: `${state}~` }
    const at = i === 0 && within !== '' ? within : null
    const page = await client.jobs.page({ ...query, limit, state, cursor: at }, { signal }).catch((error: unknown) => {
      // A service that lists only some of its jobs is asked for the others all the same.
      if (!(error instanceof FailureError && error.failure.kind === 'unsupported')) throw error
      say(`Its ${state} jobs are not listed: ${error.failure.because}.`)
      return { jobs: [], cursor: null }
    })
    found.push(...page.jobs)
    if (page.cursor !== null) return { jobs: found, cursor: `${state}~${page.cursor}` }
  }
  return { jobs: found, cursor: null }
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('~')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function text({ jobs, cursor }: JobPage): string {
  if (jobs.length === 0) return 'No jobs.'
  const table = columns(
    ['id', 'state', 'audio', 'name', ''],
    jobs.map((job) => [job.id, job.state, duration(job.audioMs), job.title, note(job)]),
  )
  return cursor === null ? table : `${table}\n\nMore: --cursor=${cursor}`
}

/** The one thing worth knowing about a job in its state. */
export function note(job: Job): string {
  switch (job.state) {
    case 'queued':
      return `waits ${duration(job.waitingMs) ?? ''}`
    case 'running':
      return runningNote(job)
    case 'done':
      return job.tookMs === null ? '' : `took ${duration(job.tookMs)}`
    case 'failed':
      return job.error ?? ''
    case 'skipped':
      return job.reason ?? ''
    default:
      return assertNever(job)
  }
}
