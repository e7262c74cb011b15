// `unjam runs`: crawl runs that have not ended, parents over their children, and where the task of each really is.
import type { RunNode, RunPlace, RunTree } from '../contract/run-tree.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import { columns, duration } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { chosenSystem, withCore } from './session.ts'

export const runs: Command = {
  help: `unjam runs [--system ID] [--data DIR] [--json]

Crawl runs that have not ended, parents over their children, and where the task of each is: on a worker (active, reserved,
scheduled), in a queue, with a worker that is gone, or nowhere. Changes nothing.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { system: { type: 'string' } })
    if (positionals.length > 0) throw new WrongUsage('runs takes no names; unjam job ID shows one')
    const tree = await withCore(values.data, context, async ({ client }) =>
      client.jobs.runs({ system: await chosenSystem(client, values.system) }, { signal: context.signal }),
    )
    context.terminal.result(tree, () => text(tree))
    return exitCode.ok
  },
}

function text({ nodes, more }: RunTree): string {
  if (nodes.length === 0) return 'No run waits or runs.'
  const table = columns(['run', 'state', 'for', 'id', 'task', 'where its task is'], nodes.flatMap(lines))
  return more ? `${table}\n\nMore wait or run: unjam jobs has all of them.` : table
}

type Placed = Pick<RunNode, 'run' | 'place'>

function lines({ run, place, children, runs }: RunNode): (string | null)[][] {
  return [
    line({ run, place }, ''),
    ...runs.map((child) => line(child, '  ')),
    ...children.map(({ title, word }) => [`  ${title}`, word, '', '', '', '']),
  ]
}

function line({ run, place }: Placed, indent: string): (string | null)[] {
  const age = run.state === 'running' ? run.elapsedMs : run.state === 'queued' ? run.waitingMs : null
  return [`${indent}${run.title}`, run.state, duration(age), run.id, run.task ?? 'none', placeText({ run, place })]
}

/** A parent's own task ends once its children are on their way. */
export function placeText({
  run,
  place: { at, by },
}: {
  run: Pick<Placed['run'], 'children'>
  place: RunPlace
}): string {
  switch (at) {
    case 'active':
    case 'reserved':
    case 'scheduled':
      return `${at} on ${by}`
    case 'queue':
      return `queue ${by}`
    case 'taken':
      return 'taken by a worker that is gone'
    case 'nowhere':
      return (run.children?.total ?? 0) > 0 ? 'its own task has ended' : 'nowhere'
    case 'unknown':
      return `unknown: ${by}`
  }
}
