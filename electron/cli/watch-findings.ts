// `diagnose --watch`: what appears, changes and clears, told as it comes; growing numbers are not a change.
import { applyEvent } from '../contract/diff.ts'
import type { Finding } from '../contract/finding.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { Client } from '../server/attached-core.ts'
import { printable } from './columns.ts'
import type { Context } from './command.ts'
import { findingText } from './finding-text.ts'
import { findingDocument } from './shapes.ts'

/** `standing`: it was there when the watch began. */
export interface Change {
  readonly change: 'standing' | 'appeared' | 'changed' | 'cleared'
  readonly at: string
  readonly finding: Finding
}

/** What is different in `after`; a finding that lasts is told again when its severity or its words changed. */
export function changesOf(before: readonly Finding[], after: readonly Finding[], at: string): Change[] {
  const old = new Map(before.map((finding) => [finding.key, finding]))
  const still = new Set(after.map(({ key }) => key))
  const told = after.flatMap((finding): Change[] => {
    const was = old.get(finding.key)
    if (was === undefined) return [{ change: 'appeared', at, finding }]
    const same = was.severity === finding.severity && was.life?.changed?.at === finding.life?.changed?.at
    return same ? [] : [{ change: 'changed', at, finding }]
  })
  const gone = before.filter(({ key }) => !still.has(key))
  return [...told, ...gone.map((finding): Change => ({ change: 'cleared', at, finding }))]
}

/** Until Ctrl-C, which is how a watch ends; answers with what was seen last. */
export async function watchFindings(
  client: Client,
  first: Snapshot,
  of: (snapshot: Snapshot) => Snapshot,
  { signal, terminal }: Context,
): Promise<Snapshot> {
  const tell = (change: Change) =>
    terminal.write(`${terminal.json ? JSON.stringify(lineOf(change)) : changeText(change)}\n`)
  let seen = first
  for (const finding of first.findings) tell({ change: 'standing', at: first.at, finding })
  if (first.findings.length === 0) terminal.say('Nothing is wrong that Unjam knows of.')
  terminal.say('Watching; Ctrl-C ends it.')
  try {
    while (!signal.aborted) {
      let whole: Snapshot | null = null
      for await (const event of await client.live(undefined, { signal })) {
        const next: Snapshot | 'gap' | null =
          event.kind === 'snapshot' ? event.snapshot : whole === null ? null : applyEvent(whole, event)
        // A missing number in between: the feed is asked again and begins with everything.
        if (next === 'gap' || next === null) break
        whole = next
        const now = of(next)
        for (const change of changesOf(seen.findings, now.findings, now.at)) tell(change)
        seen = now
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return seen
}

function lineOf({ change, at, finding }: Change) {
  return { change, at, finding: findingDocument(finding) }
}

function changeText({ change, at, finding }: Change): string {
  const when = at.slice(11, 19)
  if (change === 'cleared') return `${when} cleared: ${printable(finding.headline)}`
  return `${when} ${change}\n${findingText(finding)}\n`
}
