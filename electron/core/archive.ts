// The past as the api serves it: ranges and moments, the incident report, the bundle.
import type { Receipt } from '../contract/action.ts'
import { BUNDLE_VERSION, type Bundle, type BundleFile, type BundleQuery } from '../contract/bundle.ts'
import { FailureError, type Instant } from '../contract/failure.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { Archive, Core } from './api.ts'
import { historyMoment } from './history-moment.ts'
import { historyRange, type Past } from './history-range.ts'
import type { Clock } from './ports/local.ts'
import { redact } from './redact.ts'
import { reportHtml } from './report/html.ts'
import { reportMarkdown } from './report/markdown.ts'
import { reportOf } from './report/report.ts'

const DAY_MS = 24 * 60 * 60_000
/** Enough for 30 days at ten minutes and two hours at five seconds; thinned out evenly beyond that. */
const MOMENTS = 8000
const RECEIPTS = 500

export interface ArchiveOptions extends Past {
  readonly core: Pick<Core, 'read' | 'receipts' | 'limits'>
  readonly clock: Clock
  /** Of this Unjam. */
  readonly version: string
  /** Values that must not leave this machine. */
  secrets(): readonly string[]
  pack(bundle: Bundle): { base64: string; bytes: number }
  /** Serves a bundle at an address of its own. */
  open: Archive['open']
}

export function createArchive(options: ArchiveOptions): Archive {
  const { core, clock, records, findings } = options

  /** As it is, secrets and all: `safe` comes before it leaves. */
  async function gather({ from, to, anonymous }: BundleQuery, signal: AbortSignal, moments: number): Promise<Bundle> {
    const snapshot = await core.read(signal)
    const made = clock.now()
    const end = to ?? made
    const begin = from ?? new Date(Date.parse(end) - DAY_MS).toISOString()
    return {
      ...{ format: 'unjam-bundle', version: BUNDLE_VERSION, made, by: options.version, anonymous },
      from: begin,
      to: end,
      snapshot,
      moments: [...records.between(Date.parse(begin), Date.parse(end) + 1, moments)],
      // What stood at the beginning has begun before it.
      findings: [...findings.between(new Date(Date.parse(begin) - 30 * DAY_MS).toISOString(), after(end))],
      receipts: receiptsBetween(core.receipts(RECEIPTS, null), begin, end),
    }
  }

  /** Of the systems that store how long their jobs are. */
  async function limitsOf({ systems }: Snapshot, signal: AbortSignal) {
    const ids = systems.filter(({ kind }) => kind === 'local' || kind === 'recordings').map(({ id }) => id)
    const read = await Promise.allSettled(ids.map((id) => core.limits(id, signal)))
    return {
      limits: read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
      unread: read.flatMap((one, n) =>
        one.status === 'rejected' ? [{ system: ids[n] ?? '', because: becauseOf(one.reason) }] : [],
      ),
    }
  }

  /** All at once: the same recording has the same made-up name everywhere. */
  function safe<T>({ anonymous }: BundleQuery, value: T): T {
    return redact(value, { secrets: options.secrets(), anonymous })
  }

  return {
    range: (query) => historyRange(options, query, clock.nowMs()),
    moment: (at) => historyMoment(options, at),
    async report(query, signal) {
      const bundle = await gather(query, signal, 0)
      const lengths = await limitsOf(bundle.snapshot, signal)
      const [fromMs, toMs] = [Date.parse(bundle.from), Date.parse(bundle.to)]
      const report = reportOf(
        safe(query, {
          ...{ bundle, lengths },
          range: historyRange(options, { from: bundle.from, to: bundle.to, points: 96 }, toMs),
          // Where nothing is as old as the beginning, the first reading after it.
          before: records.at(fromMs) ?? records.between(fromMs, toMs, 1)[0] ?? null,
          after: records.at(toMs),
        }),
      )
      const name = `unjam-report-${stamp(bundle.to)}`
      return query.format === 'html'
        ? { fileName: `${name}.html`, mimeType: 'text/html', text: reportHtml(report) }
        : { fileName: `${name}.md`, mimeType: 'text/markdown', text: reportMarkdown(report) }
    },
    async bundle(query, signal): Promise<BundleFile> {
      const bundle = safe(query, await gather(query, signal, MOMENTS))
      const fileName = `unjam-${stamp(bundle.to)}.unjam`
      return { fileName, mimeType: 'application/gzip', ...options.pack(bundle) }
    },
    open: options.open,
    replay: () => null,
    seek(at) {
      throw new FailureError({
        kind: 'unsupported',
        tried: 'Show another moment',
        on: at,
        because: 'this Unjam looks at running systems, not at a bundle',
        remedy: 'Open a bundle first: unjam open FILE.',
      })
    },
  }
}

function receiptsBetween(receipts: readonly Receipt[], from: Instant, to: Instant): Receipt[] {
  return receipts.filter(({ at }) => from <= at && at <= to)
}

const after = (at: Instant) => new Date(Date.parse(at) + 1).toISOString()
/** `2026-02-05-1943`: a file name on every system. */
const stamp = (at: Instant) => at.slice(0, 16).replace('T', '-').replace(':', '')
function becauseOf(error: unknown): string {
  if (error instanceof FailureError) return error.failure.because
  throw error
}
