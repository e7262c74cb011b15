// Pages of a service's log over all its containers: forward from a cursor, so that nothing is lost and nothing comes twice.
import type { ServiceLogLine, ServiceLogPage, ServiceLogQuery } from '../../contract/service.ts'
import { checkInspected } from './answer-shapes.ts'
import { type Container, ofService, readContainers } from './container.ts'
import { type Engine, openStream } from './engine.ts'
import { type Cursor, type Place, readCursor, writeCursor } from './log-cursor.ts'
import { framedLines, type LogLine, rawLines } from './log-frames.ts'

/** Containers of one service that are read: the newest. */
const CONTAINERS = 10
/** A search looks at this many lines of each container per page. */
const SEARCHED = 20_000
const PAGE_MS = 10_000
/** Of one container in one page; the rest is in the next one. */
const CHARACTERS = 8_000_000
const TRIED = 'Read the log'

type Query = Pick<ServiceLogQuery, 'service' | 'cursor' | 'since' | 'search' | 'limit'>

export async function readLogs(
  engine: Engine,
  project: string,
  query: Query,
  signal: AbortSignal,
): Promise<ServiceLogPage> {
  const all = ofService(await readContainers(engine, project, signal), query.service, TRIED)
  const containers = [...all].sort((a, b) => (a.inspect.Created < b.inspect.Created ? 1 : -1)).slice(0, CONTAINERS)
  const cursor: Cursor = query.cursor == null ? new Map() : readCursor(query.cursor)
  const most = query.search === '' ? query.limit : SEARCHED
  const read = await Promise.all(
    containers.map(async (container) => {
      const from = cursor.get(container.id.slice(0, 12)) ?? null
      // A container that came after the cursor is read from its beginning: all of it is news.
      const start =
        from !== null
          ? { from }
          : query.cursor != null
            ? {}
            : query.since != null
              ? { since: query.since }
              : { tail: most }
      return (await readLines(engine, container, start, most, signal)).map((line) => ({ container, line }))
    }),
  )
  const merged = read.flat().sort((a, b) => (a.line.stamp < b.line.stamp ? -1 : a.line.stamp > b.line.stamp ? 1 : 0))
  const forward = query.cursor != null || query.since != null
  const taken = pick(merged, query, forward)
  return {
    lines: taken.lines.map(({ container, line }) => rowOf(container, line)),
    cursor: writeCursor(advance(cursor, taken.passed)),
  }
}

interface Read {
  readonly container: Container
  readonly line: LogLine
}

/** The lines of the page, and all lines that were passed to get there. */
function pick(
  merged: readonly Read[],
  { search, limit }: Query,
  forward: boolean,
): { lines: readonly Read[]; passed: readonly Read[] } {
  const wanted = search.toLowerCase()
  const matches = ({ line }: Read) => wanted === '' || line.text.toLowerCase().includes(wanted)
  if (!forward) return { lines: merged.filter(matches).slice(-limit), passed: merged }
  const lines: Read[] = []
  let passed = 0
  for (const one of merged) {
    if (lines.length === limit || passed === SEARCHED) break
    if (matches(one)) lines.push(one)
    passed++
  }
  return { lines, passed: merged.slice(0, passed) }
}

function advance(cursor: Cursor, passed: readonly Read[]): Cursor {
  const next = new Map<string, Place>(cursor)
  for (const { container, line } of passed) {
    if (line.stamp === '') continue
    const id = container.id.slice(0, 12)
    const at = next.get(id)
    if (at === undefined || at.stamp < line.stamp) next.set(id, { stamp: line.stamp, seen: 1 })
    else if (at.stamp === line.stamp) next.set(id, { stamp: at.stamp, seen: at.seen + 1 })
  }
  return next
}

interface Start {
  readonly from?: Place
  readonly since?: string
  readonly tail?: number
}

/** At most `most` lines of one container from `start` on, in their order. */
export async function readLines(
  engine: Engine,
  { id, inspect }: Pick<Container, 'id' | 'inspect'>,
  { from, since, tail }: Start,
  most: number,
  signal: AbortSignal,
): Promise<readonly LogLine[]> {
  const after = from?.stamp ?? since
  const reader = inspect.Config.Tty ? rawLines() : framedLines()
  const fresh = skipSeen(from ?? null)
  const lines: LogLine[] = []
  let characters = 0
  const keep = (line: LogLine) => {
    lines.push(line)
    characters += line.text.length
  }
  await engine.ask({ tried: TRIED, signal, ms: PAGE_MS }, async (docker, abortSignal) => {
    const stream = await openStream(docker, `/containers/${id}/logs`, abortSignal, {
      stdout: true,
      stderr: true,
      timestamps: true,
      // The engine keeps lines of that second and later; which of them were seen is decided here.
      ...(after === undefined ? {} : { since: Math.floor(Date.parse(after) / 1000) }),
      ...(tail === undefined ? {} : { tail }),
    })
    for await (const chunk of stream) {
      for (const line of reader.push(chunk)) if (fresh(line)) keep(line)
      while (tail !== undefined && characters > CHARACTERS) characters -= lines.shift()?.text.length ?? 0
      if (tail === undefined && (lines.length >= most || characters > CHARACTERS)) return
    }
    for (const line of reader.end()) if (fresh(line)) keep(line)
  })
  return tail === undefined ? lines.slice(0, most) : lines
}

/** Drops what an earlier page had: older lines, and as many of the same nanosecond as it had seen. */
function skipSeen(from: Place | null): (line: LogLine) => boolean {
  if (from === null) return () => true
  let same = 0
  return ({ stamp }) => {
    if (stamp === from.stamp) return ++same > from.seen
    return stamp === '' || stamp > from.stamp
  }
}

function rowOf({ name }: Container, { stamp, text }: LogLine): ServiceLogLine {
  return {
    at: stamp === '' ? null : new Date(Date.parse(stamp)).toISOString(),
    container: name,
    level: levelOf(text),
    text,
  }
}

/** What runbook 0 looks for. Whole capital words for levels: "0 failed" is good news. */
export function levelOf(text: string): ServiceLogLine['level'] {
  if (/\bERROR\b|\bCRITICAL\b|\bFATAL\b|\bFAIL(ED|URE)?\b|Exception\b|Traceback \(most recent/.test(text))
    return 'error'
  return /\bWARN(ING)?\b/.test(text) ? 'warn' : 'info'
}

/** The end of one container's log, as text. */
export async function tailOf(engine: Engine, id: string, lines: number, signal: AbortSignal): Promise<string[]> {
  const inspect = await engine.ask({ tried: TRIED, signal }, (docker, abortSignal) =>
    docker.getContainer(id).inspect({ abortSignal }).then(checkInspected),
  )
  return (await readLines(engine, { id, inspect }, { tail: lines }, lines, signal)).map(({ text }) => text)
}
