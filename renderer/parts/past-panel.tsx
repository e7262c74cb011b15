// The charts of one system over time with the chosen moment through all of them, and what was read at it.
import { FindingSpans } from '../charts/finding-spans.tsx'
import { FinishedOverTime, WaitingOverTime } from '../charts/past-charts.tsx'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import type { Past } from '../past.ts'
import { momentModel } from '../past-moment.ts'
import { useAnswer, useServices } from '../services.tsx'
import { Button } from './button.tsx'
import { MomentPanel } from './moment-panel.tsx'
import { FailureNote } from './section.tsx'
import { TimeLines, TimeSlider } from './time-slider.tsx'

interface Props {
  readonly past: Past
  readonly at: number | null
  readonly now: number
  /** Of a bundle: every screen can show the chosen moment. */
  readonly seekable: boolean
  readonly onChoose: (ms: number | null) => void
}

export function PastPanel({ past, at, now, seekable, onChoose }: Props) {
  const { client, notices } = useServices()
  const atMs = at ?? now
  const answer = useAnswer(`${at ?? Math.floor(now / 5000)}`, 'Read that moment', (client, signal) =>
    client.history.moment({ at: new Date(atMs).toISOString() }, { signal }),
  )
  const { stop } = past
  const seek = () => {
    client.history.seek({ at: new Date(atMs).toISOString() }).then(
      // The page's idea of the present is made once, when it opens.
      () => location.reload(),
      (error: unknown) => notices.say(failureText(failureOf(error, 'Show that moment')), true),
    )
  }
  return (
    <>
      <p className="flex items-center gap-3 mt-3 min-h-[26px] text-lead" role="status">
        {stop === null ? past.shortBecause : <b>{stop.sentence}</b>}
        {stop !== null && (
          <Button small onPress={() => onChoose(Math.max(past.fromMs, stop.ms))}>
            Show that moment
          </Button>
        )}
        {at !== null && (
          <Button small onPress={() => onChoose(null)}>
            {seekable ? 'Back to its end' : 'Back to now'}
          </Button>
        )}
        {seekable && (
          <Button small onPress={seek}>
            Show it on every screen
          </Button>
        )}
      </p>
      <div className="pl-10">
        <div className="relative">
          <FinishedOverTime past={past} />
          <WaitingOverTime past={past} />
          <FindingSpans past={past} />
          <TimeLines past={past} at={at} />
        </div>
        <TimeSlider past={past} at={at} onChoose={onChoose} />
      </div>
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      {answer.value !== null && (
        <MomentPanel model={momentModel(answer.value, past.system, atMs)} live={at === null && !seekable} />
      )}
    </>
  )
}
