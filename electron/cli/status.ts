// `unjam status`: every system in one look.

import type { Queue } from '../contract/queue.ts'
import { isSample } from '../contract/sample.ts'
import type { Snapshot, SystemSnapshot } from '../contract/snapshot.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import { ago, columns } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { runningTable } from './running-table.ts'
import { withCore } from './session.ts'
import { statusDocument, unread } from './shapes.ts'

export const status: Command = {
  help: `unjam status [--data DIR] [--json]

Counts, workers, running jobs and findings of every system. Reads everything once.
Exit 0 when every configured source could be read, 2 otherwise.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {})
    if (positionals.length > 0) throw new WrongUsage('status takes no names')
    const snapshot = await withCore(values.data, context, ({ client }) =>
      client.snapshot({}, { signal: context.signal }),
    )
    context.terminal.result(statusDocument(snapshot), () => text(snapshot))
    return snapshot.systems.some((system) => unread(system).length > 0) ? exitCode.unread : exitCode.ok
  },
}

function text(snapshot: Snapshot): string {
  const counts = snapshot.systems.map((system) => {
    const read = system.counts.status === 'known' ? system.counts.value : null
    const cells = (['queued', 'running', 'done', 'failed', 'skipped'] as const).map((state) => {
      if (read === null) return null
      return read.approximate === true ? `≈ ${read[state]}` : read[state]
    })
    return [system.id, isSample(system.id) ? `${system.kind} (sample)` : system.kind, ...cells]
  })
  const parts = [columns(['system', 'kind', 'queued', 'running', 'done', 'failed', 'skipped'], counts)]
  for (const system of snapshot.systems) parts.push(...details(system))
  parts.push(
    snapshot.findings.length === 0
      ? 'Nothing is wrong that Unjam knows of.'
      : columns(
          ['', 'system', 'finding'],
          snapshot.findings.map(({ severity, system, headline }) => [severity, system, headline]),
        ),
  )
  return parts.join('\n\n')
}

/** “90 app.worker.tasks.enqueue_pending_recordings”. */
function mostOf({ groups }: Queue): string | null {
  const [group] = groups
  return group === undefined ? null : `${group.messages} ${group.task ?? 'unreadable'}`
}

function details(system: SystemSnapshot): string[] {
  const parts: string[] = []
  if (system.running.status === 'known' && system.running.value.length > 0)
    parts.push(runningTable(system.kind, system.running.value))
  if (system.workers.status === 'known' && system.workers.value.length > 0)
    parts.push(
      columns(
        ['worker', 'state', 'busy', 'slots', 'last sign of life'],
        system.workers.value.map((worker) => [
          worker.name,
          worker.state,
          worker.busy,
          worker.slots,
          ago(worker.beatAgeMs),
        ]),
      ),
    )
  const queues = system.queues?.status === 'known' ? system.queues.value : []
  if (queues.length > 0)
    parts.push(
      columns(
        ['queue', 'messages', 'unacknowledged', 'consumers', 'most of it'],
        queues.map((queue) => [
          queue.paused ? `${queue.name} (paused)` : queue.name,
          queue.messages,
          queue.unacked,
          queue.consumers,
          mostOf(queue),
        ]),
      ),
    )
  const services = system.services?.status === 'known' ? system.services.value : []
  if (services.length > 0)
    parts.push(
      columns(
        ['service', 'state', 'health', 'restarts'],
        services.map((one) => [one.container, one.state, one.health, one.restarts]),
      ),
    )
  const [first] = unread(system)
  if (first !== undefined) parts.push(`${system.id}: ${first.part} cannot be read: ${first.because}.`)
  return parts
}
