// How much of a running job is done, in a list's cell.
import { position } from '../format.ts'
import { shareOf } from '../run-share.ts'
import type { RunModel } from '../select-running.ts'
import { Progress } from './progress.tsx'

export function RunProgress({ run }: { run: RunModel }) {
  const share = shareOf(run, position(0))
  return (
    <span
      className={`grid gap-2 items-center pr-4 ${run.qc === null ? 'grid-cols-[minmax(40px,1fr)_118px_36px]' : 'grid-cols-[minmax(40px,1fr)_minmax(118px,1.4fr)_36px]'}`}
    >
      <Progress label={`Progress of ${run.title}`} percent={share.percent} />
      <span className="text-small text-right clip" title={share.text}>
        {share.text}
      </span>
      <b className="text-small text-right">{share.percent === null ? '' : `${share.percent} %`}</b>
    </span>
  )
}
