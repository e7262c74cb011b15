// Crawl runs that have not ended: parents over their children, with age, task, and where that task really is.
import { useState } from 'react'
import { failureText } from '../format.ts'
import { hashOf } from '../route.ts'
import { isLost, linesOf, placeOf, type RunLine } from '../select-runs.ts'
import { useAnswer } from '../services.tsx'
import { Glyph } from './glyph.tsx'
import { Empty, FailureNote } from './section.tsx'
import { TaskId } from './task-id.tsx'

interface Props {
  readonly system: string
  readonly now: number
  readonly revision: string
}

const LOOK_MS = 5000

export function RunTree({ system, now, revision }: Props) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const key = `${system} ${revision} ${Math.floor(now / LOOK_MS)}`
  const answer = useAnswer(key, `Read the runs of ${system}`, (client, signal) =>
    client.jobs.runs({ system }, { signal }),
  )
  const toggle = (id: string) => {
    const next = new Set(closed)
    if (!next.delete(id)) next.add(id)
    setClosed(next)
  }
  const { value } = answer
  const parents = new Set(
    value?.nodes.filter(({ runs, children }) => runs.length + children.length > 0).map(({ run }) => run.id) ?? [],
  )
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      {value !== null && value.nodes.length === 0 && (
        <Empty title="No run waits or runs.">Those that have ended are in Done and Failed.</Empty>
      )}
      {value !== null && value.nodes.length > 0 && (
        <table className="rows table-fixed" aria-label="Runs as a tree">
          <thead>
            <tr>
              <th>Run</th>
              <th className="w-[112px]">State</th>
              <th className="num w-[96px]">For</th>
              <th className="w-[22%]">Task</th>
              <th className="w-[28%]">Where its task is</th>
            </tr>
          </thead>
          <tbody>
            {linesOf(value.nodes, closed, now).map((line) => (
              <Line key={line.key} line={line} system={system} parent={parents.has(line.key)} onToggle={toggle} />
            ))}
          </tbody>
        </table>
      )}
      {value?.more && <p className="py-3 text-small text-ink-3">More wait or run; the list has all of them.</p>}
    </div>
  )
}

interface LineProps {
  readonly line: RunLine
  readonly system: string
  readonly parent: boolean
  readonly onToggle: (id: string) => void
}

function Line({ line, system, parent, onToggle }: LineProps) {
  const { run, title, state, word, place } = line
  const lost = run !== null && place !== null && isLost(run, place)
  return (
    <tr>
      <td>
        <span className={`flex items-center gap-[6px] min-w-0 ${line.depth === 1 ? 'pl-11' : ''}`}>
          {parent ? (
            <button
              type="button"
              aria-expanded={line.hidden === 0}
              aria-label={`Children of ${title}`}
              className="w-4 flex-none text-ink-3"
              onClick={() => onToggle(line.key)}
            >
              {line.hidden === 0 ? '▾' : '▸'}
            </button>
          ) : (
            line.depth === 0 && <span className="w-4 flex-none" />
          )}
          {run === null ? (
            <span className="clip">{title}</span>
          ) : (
            <a className="clip text-ink" href={hashOf({ view: 'job', system, id: run.id })}>
              {title}
            </a>
          )}
          {line.hidden > 0 && <span className="text-small text-ink-3 flex-none">{line.hidden} hidden</span>}
        </span>
      </td>
      <td>
        <span className="flex items-center gap-[6px]">
          <Glyph name={state ?? 'unknown'} size={12} /> {word ?? state}
        </span>
      </td>
      <td className="num">{line.age}</td>
      <td className="clip">{run !== null && <TaskId id={line.task} />}</td>
      <td className={`clip ${lost ? 'text-attention' : 'text-ink-2'}`}>
        {place !== null && <span title={placeOf(run, place)}>{placeOf(run, place)}</span>}
      </td>
    </tr>
  )
}
