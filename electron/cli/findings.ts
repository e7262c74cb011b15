// `unjam findings`: what appeared and cleared, and what people say to it: acknowledge, snooze, wake.
import type { Finding } from '../contract/finding.ts'
import { type FindingEpisode, SnoozeMinutes } from '../contract/finding-life.ts'
import type { Client } from '../server/attached-core.ts'
import { readArguments, value, WrongUsage, wholeNumber } from './arguments.ts'
import { columns, duration, printable } from './columns.ts'
import type { Command } from './command.ts'
import { exitCode } from './exit-codes.ts'
import { withCore } from './session.ts'

export const findings: Command = {
  help: `unjam findings [acknowledge KEY | snooze KEY [--minutes N] | wake KEY] [--limit N] [--data DIR] [--json]

Without a verb: what appeared and cleared within a week, the latest first; 50 when --limit is not given. Touches no database.
acknowledge: somebody works on it; alerts end until it persists, gets worse or comes back.
snooze: no alerts for N minutes (60); it wakes by itself. wake: takes back either.
Exit 0 listed or said, 4 no such finding.
`,
  async run(args, context) {
    const options = { minutes: { type: 'string' }, limit: { type: 'string' } } as const
    const { values, positionals } = readArguments(args, options)
    const [verb, key, ...more] = positionals
    const limit = wholeNumber('limit', values.limit, 500) ?? 50
    const minutes = value(SnoozeMinutes, 'minutes', values.minutes ?? '60', '5 to 10080')
    if (verb === undefined) {
      const episodes = await withCore(values.data, context, ({ client }) =>
        client.findings.history({ limit }, { signal: context.signal }),
      )
      context.terminal.result({ findings: episodes }, () => list(episodes))
      return exitCode.ok
    }
    const say = verbs[verb]
    if (say === undefined) throw new WrongUsage(`findings ${JSON.stringify(verb)} is not acknowledge, snooze or wake`)
    if (key === undefined || more.length > 0) throw new WrongUsage(`findings ${verb} takes one KEY`)
    const finding = await withCore(values.data, context, ({ client }) => say(client, key, minutes))
    context.terminal.result(finding, () => said(finding))
    return exitCode.ok
  },
}

type Say = (client: Client, key: string, minutes: number) => Promise<Finding>
const verbs: Readonly<Record<string, Say | undefined>> = {
  acknowledge: (client, key) => client.findings.acknowledge({ key }),
  snooze: (client, key, minutes) => client.findings.snooze({ key, minutes }),
  wake: (client, key) => client.findings.wake({ key }),
}

function said({ headline, life }: Finding): string {
  const what =
    life?.snoozedUntil != null
      ? `Snoozed until ${life.snoozedUntil}`
      : life?.acknowledged != null
        ? `Acknowledged by ${life.acknowledged.by}`
        : 'Awake'
  return `${what}: ${printable(headline)}`
}

function list(episodes: readonly FindingEpisode[]): string {
  if (episodes.length === 0) return 'Nothing was found within a week.'
  return columns(
    ['since', 'lasted', 'severity', 'what', 'last', 'key'],
    episodes.map(({ since, clearedAt, severity, headline, changes, key }) => {
      const end = clearedAt === null ? null : duration(Date.parse(clearedAt) - Date.parse(since))
      const last = changes.at(-1)
      const by = last?.by == null ? '' : ` by ${last.by}`
      return [since, end, severity, headline, `${last?.change ?? ''}${by}`, key]
    }),
  )
}
