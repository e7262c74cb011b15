// How much of a running job is transcribed, in a list's cell.
import { audio, percent, position } from '../format.ts'
import type { RunModel } from '../select.ts'
import { Progress } from './progress.tsx'

export function RunProgress({ run }: { run: RunModel }) {
  const share = run.doneMs === null || run.totalMs === null ? null : percent(run.doneMs, run.totalMs)
  const whole = run.totalMs === null ? 'length not read yet' : `of ${audio(run.totalMs)}`
  return (
    <span className="grid grid-cols-[minmax(40px,1fr)_118px_36px] gap-2 items-center pr-4">
      <Progress label={`Transcribed audio of ${run.title}`} percent={share} />
      <span className="text-small text-right clip">
        {position(run.doneMs ?? 0)} {whole}
      </span>
      <b className="text-small text-right">{share === null ? '' : `${share} %`}</b>
    </span>
  )
}
