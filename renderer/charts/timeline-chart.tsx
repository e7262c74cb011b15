// Worker lanes: one bar per attempt, the cause in amber, the forecast hatched, a line for now.
import { Section } from '../parts/section.tsx'
import type { Lane, LaneBar, Timeline } from '../timeline.ts'

export function TimelineChart({ timeline }: { timeline: Timeline }) {
  return (
    <Section title="Workers" note="one bar per attempt" end={timeline.range}>
      <div className="lanes pt-2">
        {timeline.lanes.map((lane) => (
          <LaneRow key={lane.key} lane={lane} />
        ))}
        <div className="absolute inset-y-0 left-(--name) right-0 pointer-events-none">
          <span className="absolute top-1 bottom-[18px] border-l border-ink" style={{ left: `${timeline.now}%` }} />
        </div>
        <div className="relative h-[18px] ml-(--name) text-[11px]/[18px] text-ink-3" aria-hidden="true">
          {timeline.ticks.map(({ left, label }) => (
            <span key={left} className="absolute -translate-x-1/2" style={{ left: `${left}%` }}>
              {label}
            </span>
          ))}
        </div>
        {timeline.more > 0 && <p className="text-small text-ink-3">and {timeline.more} more lanes without a finding</p>}
      </div>
    </Section>
  )
}

function LaneRow({ lane }: { lane: Lane }) {
  return (
    <div className="lane">
      <span className="clip pr-2" title={`${lane.system} ${lane.worker}`}>
        <b>{lane.system}</b> <span className="text-ink-3">{lane.worker}</span>
      </span>
      <span className="trk" role="img" aria-label={laneText(lane)}>
        {lane.bars.map((bar) => (
          <Bar key={bar.key} bar={bar} />
        ))}
        {lane.idle !== null && <em className="not-italic">{lane.idle}</em>}
      </span>
    </div>
  )
}

function Bar({ bar }: { bar: LaneBar }) {
  const colour = bar.kind === 'eta' ? (bar.label === 'hold' ? 'eta text-bar-hold' : 'eta text-running') : bar.kind
  return (
    <span className={colour} style={{ left: `${bar.left}%`, width: `${bar.width}%` }} title={bar.title}>
      {bar.kind === 'hold' || bar.kind === 'live' ? bar.label : null}
    </span>
  )
}

function laneText({ bars, idle }: Lane): string {
  const attempts = bars.filter((bar) => bar.kind !== 'eta')
  const current = attempts.find((bar) => bar.kind === 'hold' || bar.kind === 'live')
  return idle ?? `${attempts.length} attempts${current === undefined ? '' : `; now ${current.title}`}`
}
