// For each time limit the jobs it would end, and the button that sets it.
import type { LimitChoice, LimitReport } from '../../electron/contract/proof.ts'
import { duration, whole } from '../format.ts'
import { Button } from './button.tsx'

interface Props {
  readonly report: LimitReport
  /** Sets TASK_TIMEOUT_SECONDS through its preview; null where no .env is configured. */
  readonly onSet: ((seconds: number | null) => void) | null
}

export function LimitTable({ report, onSet }: Props) {
  return (
    <table className="rows table-fixed" aria-label="Jobs that would not fit">
      <thead>
        <tr>
          <th className="w-[30%]">TASK_TIMEOUT_SECONDS</th>
          <th className="num">Queued</th>
          <th className="num">Running</th>
          <th className="num">Failed</th>
          <th className="w-[190px]" />
        </tr>
      </thead>
      <tbody>
        {report.choices.map((choice) => (
          <tr key={String(choice.seconds)} className={choice.current ? '!bg-selected' : ''}>
            <td className="!pl-[10px]">
              <b>{choice.seconds ?? 'none'}</b>{' '}
              <span className="text-ink-3">
                {choice.seconds === null ? 'no limit' : duration(choice.seconds * 1000)}
              </span>
              {choice.current && <span className="text-small text-accent"> in force</span>}
              {choice.seconds === report.advice.seconds && <span className="text-small text-done"> advised</span>}
            </td>
            {(['queued', 'running', 'failed'] as const).map((state) => (
              <td key={state} className="num">
                <Kills choice={choice} state={state} />
              </td>
            ))}
            <td className="text-right">
              {onSet !== null && !choice.current && (
                <Button small onPress={() => onSet(choice.seconds)}>
                  {choice.seconds === null ? 'Remove the limit…' : `Set ${choice.seconds}…`}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Kills({ choice, state }: { choice: LimitChoice; state: 'queued' | 'running' | 'failed' }) {
  if (choice.kills === null || choice.risks === null) return <span className="unk">unknown</span>
  const risk = choice.risks[state]
  return (
    <>
      <span className={choice.kills[state] > 0 ? 'font-semibold text-failed' : 'text-ink-3'}>
        {whole(choice.kills[state])}
      </span>
      {risk > 0 && <span className="text-small text-ink-3"> +{whole(risk)} maybe</span>}
    </>
  )
}
