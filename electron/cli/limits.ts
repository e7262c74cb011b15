// `unjam limits`: for each time limit the jobs that would not fit, and which value is advised.
import type { LimitChoice, LimitReport } from '../contract/proof.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import { columns } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'

import { chosenSystem, withCore } from './session.ts'

export const limits: Command = {
  help: `unjam limits [--system ID] [--data DIR] [--json]

What a time limit would kill: for 1800, 3600, 7200, 14400 seconds and none, how many queued, running and failed jobs
would not fit, and the advised value with its reason. Changes nothing.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, { system: { type: 'string' } })
    if (positionals.length > 0) throw new WrongUsage('limits takes no names')
    const report = await withCore(values.data, context, async ({ client }) =>
      client.proof.limits({ system: await chosenSystem(client, values.system) }, { signal: context.signal }),
    )
    const { points: _points, ...document } = report
    context.terminal.result(document, () => text(report))
    return exitCode.ok
  },
}

function text(report: LimitReport): string {
  const states = ['queued', 'running', 'failed'] as const
  const rows = report.choices.map((choice) => [
    `${choice.seconds ?? 'none'}${choice.current ? ' (in force)' : ''}${choice.seconds === report.advice.seconds ? ' (advised)' : ''}`,
    ...states.map((state) => cell(choice, state)),
  ])
  const { speed, advice } = report
  return [
    columns(['TASK_TIMEOUT_SECONDS', ...states], rows),
    `Advised: ${advice.sentence}\n${advice.cap}`,
    speed === null
      ? 'No speed is known yet.'
      : `Counted at ${speed.median.toFixed(2)} × real time, ${speed.low.toFixed(2)} to ${speed.high.toFixed(2)}.`,
  ].join('\n\n')
}

function cell({ kills, risks }: LimitChoice, state: 'queued' | 'running' | 'failed'): string | number | null {
  if (kills === null || risks === null) return null
  return risks[state] === 0 ? kills[state] : `${kills[state]} + ${risks[state]} maybe`
}
