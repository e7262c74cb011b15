// What a time limit would kill: the advice, the numbers for each value, and the picture behind them.
import { ScatterChart } from '../charts/scatter-chart.tsx'
import { failureText, speed, whole } from '../format.ts'
import { scatterOf } from '../scatter.ts'
import type { ProofModel } from '../select-proof.ts'
import { useAnswer, useServices } from '../services.tsx'
import { LimitTable } from './limit-table.tsx'
import { FailureNote, Section } from './section.tsx'

export function LimitPanel({ model }: { model: ProofModel }) {
  const { flow } = useServices()
  const { system } = model
  const answer = useAnswer(`${system} ${model.revision}`, 'Compare time limits', (client, signal) =>
    client.proof.limits({ system }, { signal }),
  )
  const report = answer.value
  if (report === null)
    return answer.failure === null ? (
      <p className="py-4 text-ink-3">Counting how long the jobs are.</p>
    ) : (
      <FailureNote text={failureText(answer.failure)} again={answer.again} />
    )
  const set = (seconds: number | null) =>
    void flow.open(
      {
        action: 'set-env',
        system,
        target: 'all',
        params: { TASK_TIMEOUT_SECONDS: seconds === null ? 'none' : String(seconds) },
      },
      seconds === null ? 'Remove the limit' : `Set TASK_TIMEOUT_SECONDS to ${seconds}`,
    )
  const scatter = scatterOf(report)
  const unknown = report.states.reduce((sum, one) => sum + one.unknown, 0)
  return (
    <div className="pb-6">
      <p className="pt-4 text-lead max-w-[80ch]">
        <b>Advised:</b> {report.advice.sentence}
      </p>
      <p className="mt-1 text-ink-2 max-w-[80ch]">
        {report.advice.cap}{' '}
        {report.speed !== null &&
          `Counted at ${speed(report.speed.median)} real time (${speed(report.speed.low)} to ${speed(report.speed.high)}).`}
        {unknown > 0 && ` ${whole(unknown)} jobs of unknown length are in no number.`}
      </p>
      <Section title="Jobs that would not fit" className="mt-5">
        <LimitTable report={report} onSet={model.hasEnv ? set : null} />
      </Section>
      <Section title="Audio and processing time" note="of the latest jobs" className="mt-6">
        <div className="pt-3">
          {scatter === null ? (
            <p className="text-ink-3">No job with a known length and time yet.</p>
          ) : (
            <ScatterChart scatter={scatter} />
          )}
        </div>
      </Section>
    </div>
  )
}
