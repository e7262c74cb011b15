// What workers hold now: running, taken in advance, or waiting for its time; each can be revoked.
import { useState } from 'react'
import type { TaskLine } from '../select-celery.ts'
import { type Act, ActBar } from './act-bar.tsx'
import { Glyph } from './glyph.tsx'
import { JobLink } from './job-link.tsx'

const glyphs = { active: 'running', reserved: 'queued', scheduled: 'queued' } as const

export function TaskTable({ lines }: { lines: readonly TaskLine[] }) {
  const [at, setAt] = useState<string | null>(null)
  const chosen = lines.find(({ key }) => key === at) ?? lines[0]
  const heading = (
    <>
      <h2 className="font-semibold">Tasks they hold</h2>
      {chosen !== undefined && (
        <span className="text-small text-ink-3 clip">
          {chosen.short} {chosen.task.id.slice(0, 8)} is chosen
        </span>
      )}
    </>
  )
  return (
    <section aria-label="Tasks they hold" className="mt-5">
      {chosen === undefined ? (
        <>
          <div className="flex items-center min-h-[38px]">{heading}</div>
          <p className="py-3 text-ink-3 border-y border-line">No worker says that it holds a task.</p>
        </>
      ) : (
        <>
          <ActBar
            key={chosen.system}
            system={chosen.system}
            revision={`${chosen.key} ${chosen.task.state}`}
            acts={actsOn(chosen)}
          >
            {heading}
          </ActBar>
          <Rows lines={lines} chosen={chosen} onChoose={setAt} />
        </>
      )}
    </section>
  )
}

function actsOn({ task }: TaskLine): Act[] {
  const [runs, ids] = [task.state === 'active', [task.id]]
  return [
    {
      id: 'revoke-task',
      label: 'Revoke',
      key: 'r',
      ids,
      nothing: runs ? 'It runs already: only terminating ends it.' : null,
    },
    {
      id: 'revoke-task',
      label: 'Terminate',
      key: 't',
      ids,
      params: { terminate: 'true' },
      nothing: runs ? null : 'It does not run yet: revoking is enough.',
    },
  ]
}

interface RowsProps {
  readonly lines: readonly TaskLine[]
  readonly chosen: TaskLine
  readonly onChoose: (key: string) => void
}

function Rows({ lines, chosen, onChoose }: RowsProps) {
  return (
    <div className="overflow-x-auto -mx-[10px] border-t border-line">
      <table className="rows table-fixed min-w-[720px]" aria-label="Tasks">
        <thead>
          <tr>
            <th className="w-[34%] !pl-[10px]">Task</th>
            <th className="w-[104px]">Job</th>
            <th className="num w-[100px]">Elapsed</th>
            <th className="w-[22%]">Worker</th>
            <th>Note</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr
              key={line.key}
              aria-current={line.key === chosen.key ? 'true' : undefined}
              className="aria-[current]:!bg-selected"
              onClick={() => onChoose(line.key)}
            >
              <td className="!pl-[10px]">
                <button
                  type="button"
                  className="flex items-center gap-[7px] max-w-full text-left"
                  title={`${line.task.name} ${line.task.id} ${line.task.args}`}
                  onClick={() => onChoose(line.key)}
                >
                  <Glyph name={glyphs[line.task.state]} />
                  <span className="clip">
                    <code>{line.short}</code> <span className="text-ink-3">{line.state}</span>
                  </span>
                </button>
              </td>
              <td>
                <JobLink system={line.system} job={line.task.job} absent="–" />
              </td>
              <td className="num">{line.elapsed}</td>
              <td className="clip">{line.task.worker}</td>
              <td className={`clip text-small ${line.alarming ? 'text-attention' : 'text-ink-3'}`}>{line.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
