// One line a system: counts, what is taken, the last sign of life, and what was found.

import type { JobState } from '../../electron/contract/job.ts'
import { whole } from '../format.ts'
import { levelWords } from '../level-words.ts'
import { anyQueue, hashOf } from '../route.ts'
import { aboutSign, type SystemRow } from '../select.ts'
import { Glyph, levelColour, levelGlyph } from './glyph.tsx'
import { ReadingValue } from './reading.tsx'

const columns: readonly { state: JobState; title: string; width: string }[] = [
  { state: 'queued', title: 'Queued', width: 'w-[6%]' },
  { state: 'running', title: 'Running', width: 'w-[6.5%]' },
  { state: 'done', title: 'Done', width: 'w-[6%]' },
  { state: 'failed', title: 'Failed', width: 'w-[6%]' },
  { state: 'skipped', title: 'Skipped', width: 'w-[6.5%]' },
]

export function SystemTable({ systems }: { systems: readonly SystemRow[] }) {
  const withBroker = systems.some((system) => system.messages !== null)
  return (
    <table className="rows sys mt-[14px] table-fixed min-w-[760px] wide:mt-7">
      <thead>
        <tr>
          <th className="w-[14%]">System</th>
          {columns.map(({ state, title, width }) => (
            <th key={state} className={`num ${width}`}>
              {title}
            </th>
          ))}
          {withBroker && <th className="num w-[8%]">Messages</th>}
          <th className="w-[9%] !pl-[14px]">Slots taken</th>
          <th className="w-[8.5%]">Heartbeat</th>
          <th>Finding</th>
        </tr>
      </thead>
      <tbody>
        {systems.map((system) => (
          <tr key={system.id}>
            <td>
              <span className="flex items-center gap-[6px]">
                <Glyph name={levelGlyph[system.level]} label={levelWords[system.level]} />
                <b className="clip">{system.id}</b>
              </span>
            </td>
            {columns.map(({ state }) => (
              <td key={state} className="num">
                <ReadingValue shown={system.counts}>
                  {(counts) => <CountLink system={system} state={state} n={counts[state]} />}
                </ReadingValue>
              </td>
            ))}
            {withBroker && (
              <td className="num">
                {system.messages === null ? (
                  '–'
                ) : (
                  <ReadingValue shown={system.messages}>
                    {(n) => <MessagesLink system={system.id} n={n} />}
                  </ReadingValue>
                )}
              </td>
            )}
            <td className="!pl-[14px] clip">
              <ReadingValue shown={system.slots}>{(text) => text}</ReadingValue>
            </td>
            <td className="clip">
              <ReadingValue shown={system.heartbeat}>{(text) => text}</ReadingValue>
            </td>
            <td className={`clip ${system.level === 'clear' ? 'text-ink-3' : levelColour[system.level]}`}>
              {system.finding}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function MessagesLink({ system, n }: { system: string; n: number }) {
  return (
    <a
      href={hashOf({ ...anyQueue, system })}
      className={n === 0 ? 'text-ink-3' : 'text-ink'}
      aria-label={`${n} messages in ${system}`}
    >
      {whole(n)}
    </a>
  )
}

/** A column of zeros recedes; failures are the only red. */
function CountLink({ system, state, n }: { system: SystemRow; state: JobState; n: number }) {
  const colour =
    system.counts.lost !== null
      ? 'text-unknown'
      : n === 0
        ? 'text-ink-3'
        : state === 'failed'
          ? 'text-failed'
          : 'text-ink'
  return (
    <a
      href={hashOf({ view: 'jobs', system: system.id, state })}
      className={colour}
      aria-label={`${n} ${state} in ${system.id}`}
    >
      {system.counts.value === null ? '' : aboutSign(system.counts.value)}
      {whole(n)}
    </a>
  )
}
