// What an automation would do if it ran now: the preview's own words, asked once and again on demand.
import type { Automation } from '../../electron/contract/automation.ts'
import { failureText } from '../format.ts'
import { useAnswer } from '../services.tsx'

export function AutomationForecastLine({ automation }: { automation: Automation }) {
  const { enabled: _, ...asked } = automation
  const answer = useAnswer(JSON.stringify(asked), 'Preview the automation', (client, signal) =>
    client.automations.preview({ automation }, { signal }),
  )
  const { value, failure, asking, again } = answer
  if (failure !== null) return <span className="text-failed">{failureText(failure)}</span>
  if (value === null) return <span className="text-ink-3">Looking.</span>
  const { preview } = value
  return (
    <span>
      {value.would === 'skip' && <b className="text-attention">It would skip. </b>}
      {value.sentence}
      {value.would === 'act' && preview !== null && (
        <span className="block text-small text-ink-3">
          {preview.sample.map(({ title }) => title).join(', ')}
          {preview.count > preview.sample.length && ` and ${preview.count - preview.sample.length} more`}.{' '}
          {preview.undo}
        </span>
      )}{' '}
      <button type="button" className="text-small underline text-ink-3" disabled={asking} onClick={again}>
        Look again
      </button>
    </span>
  )
}
