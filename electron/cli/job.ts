// `unjam job ID`: one job with every attempt, and its transcript when asked for.
import type { Job, JobDetail, Segment } from '../contract/job.ts'
import { TranscriptFormat } from '../contract/job.ts'
import { onePositional, readArguments, value } from './arguments.ts'
import { columns, duration, pairs, printable } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { note } from './jobs.ts'
import { placeText } from './runs.ts'
import { chosenSystem, type Session, withCore } from './session.ts'
import { writeWhole } from './write-whole.ts'

export const job: Command = {
  help: `unjam job ID [--system ID] [--transcript | --format txt|srt|vtt|json [--out FILE]] [--data DIR] [--json]

One job: its facts and every attempt with its own error; of a crawl run, where its task is.
  --transcript   the transcript with times below it
  --format F     the transcript alone, ready for a file
  --out FILE     write it there instead (written whole or not at all)
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      system: { type: 'string' },
      transcript: { type: 'boolean', default: false },
      format: { type: 'string' },
      out: { type: 'string' },
    })
    const id = onePositional(positionals, 'job ID')
    const format =
      values.format === undefined && values.out === undefined
        ? null
        : value(TranscriptFormat, 'format', values.format ?? 'txt', TranscriptFormat.options.join(', '))
    const { detail, transcript, exported, place } = await withCore(values.data, context, async (session) => {
      const ref = { system: await chosenSystem(session.client, values.system), id }
      const signal = context.signal
      const detail = await session.client.jobs.detail(ref, { signal })
      return {
        detail,
        place: await placeOf(session, detail, signal),
        transcript: values.transcript ? await segments(session, ref, signal) : null,
        exported: format === null ? null : (await session.client.jobs.export({ ...ref, format }, { signal })).text,
      }
    })
    if (exported !== null && values.out !== undefined) writeWhole(values.out, exported)
    const document = {
      ...detail,
      ...(transcript === null ? {} : { transcript }),
      ...(exported === null
        ? {}
        : { format, ...(values.out === undefined ? { text: exported } : { out: values.out }) }),
    }
    if (context.terminal.json || exported === null)
      context.terminal.result(document, () => text(detail, transcript, place))
    else if (values.out === undefined) context.terminal.write(exported)
    else context.terminal.say(`Written to ${values.out}.`)
    return exitCode.ok
  },
}

/** Of a crawl run that has not ended, where its task really is (runbook 3, step 3); null of everything else. */
async function placeOf({ client }: Session, { job }: JobDetail, signal: AbortSignal): Promise<string | null> {
  if (job.children === undefined || (job.state !== 'running' && job.state !== 'queued')) return null
  const { nodes } = await client.jobs.runs({ system: job.system }, { signal })
  const found = nodes.flatMap((node) => [node, ...node.runs]).find(({ run }) => run.id === job.id)
  return found === undefined ? null : placeText(found)
}

async function segments({ client }: Session, ref: { system: string; id: string }, signal: AbortSignal) {
  const all: Segment[] = []
  for (let from: number | null = 0; from !== null; ) {
    const page: { segments: Segment[]; next: number | null } = await client.jobs.transcript(
      { ...ref, from, limit: 2000 },
      { signal },
    )
    all.push(...page.segments)
    from = page.next
  }
  return all
}

function text(
  { job, attempts, facts }: JobDetail,
  transcript: readonly Segment[] | null,
  place: string | null,
): string {
  const parts = [
    pairs([
      ['name', job.title],
      ['id', job.id],
      ['state', `${job.state}${note(job) === '' ? '' : ` (${note(job)})`}`],
      // Crawl runs and QC jobs have neither.
      ...(job.audioMs === null ? [] : [['audio', duration(job.audioMs)] as [string, string | null]]),
      ...(job.retryCount === null ? [] : [['retries', job.retryCount] as [string, number]]),
      ...(place === null ? [] : [['where its task is', place] as [string, string]]),
      ...facts.map(({ label, value }): [string, string | null] => [label, value]),
    ]),
    ...(attempts.length === 0
      ? job.retryCount === null
        ? []
        : [noAttempts(job)]
      : [
          columns(
            ['attempt', 'outcome', 'started', 'took', 'chunks', 'error'],
            attempts.map((one) => [
              one.number,
              one.outcome,
              one.startedAt,
              duration(one.wallMs),
              one.chunksSaved,
              one.error ?? '',
            ]),
          ),
        ]),
  ]
  if (transcript !== null)
    parts.push(
      transcript.length === 0
        ? 'No transcript yet.'
        : transcript.map(({ startMs, text }) => `${clock(startMs)}  ${printable(text.trim())}`).join('\n'),
    )
  return parts.join('\n\n')
}

/** Of a stack's job others made attempts, which its row only counts. */
export function noAttempts({ state, retryCount }: Pick<Job, 'state' | 'retryCount'>): string {
  return state === 'queued' && retryCount === 0
    ? 'No attempt yet.'
    : 'No attempt by a worker of Unjam. `unjam ledgers` compares what database, broker and workers tell of others.'
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
