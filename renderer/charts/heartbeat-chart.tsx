// The age of each running job’s last heartbeat against the limit: who is beyond the line counts as stuck.
import { ago } from '../format.ts'
import { hashOf } from '../route.ts'
import type { Heartbeats } from '../select-proof.ts'

export function HeartbeatChart({ beats }: { beats: Heartbeats }) {
  return (
    <div className="relative py-2">
      {beats.rows.map((row) => (
        <div key={row.id} className="grid grid-cols-[minmax(0,300px)_minmax(0,1fr)_96px] gap-4 items-center h-[30px]">
          <a className="clip" href={hashOf({ view: 'job', system: beats.system, id: row.id })}>
            {row.title}
          </a>
          <span className="relative h-[10px] bg-bar-idle" role="img" aria-label={row.text}>
            <span
              className={`absolute inset-y-0 left-0 ${row.level === 'dead' ? 'bg-failed' : row.level === 'late' ? 'bg-bar-hold' : 'bg-bar-done'}`}
              style={{ width: `${row.share}%` }}
            />
            <span className="absolute -inset-y-[6px] border-l border-attention" style={{ left: `${beats.limitAt}%` }} />
          </span>
          <span
            className={`text-right whitespace-nowrap ${row.level === 'fresh' ? '' : 'font-semibold text-attention'}`}
          >
            {row.ageMs === null ? <span className="unk">unknown</span> : ago(row.ageMs)}
          </span>
        </div>
      ))}
      <p className="mt-2 text-small text-ink-3">{beats.note}</p>
    </div>
  )
}
