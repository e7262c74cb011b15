// What can be done with the thing a heading names: buttons with their keys, and below, a sentence for each that cannot.
import type { ReactNode } from 'react'
import type { ActionId, ActionInfo } from '../../electron/contract/action.ts'
import { useAnswer, useServices } from '../services.tsx'
import { keyText } from './action-list.ts'
import { Button } from './button.tsx'

/** One button: which action, on what, and why the screen itself knows that a press would do nothing. */
export interface Act {
  readonly id: ActionId
  readonly label: string
  readonly key?: string
  /** null: the system as a whole. */
  readonly ids: readonly string[] | null
  readonly params?: Readonly<Record<string, string>>
  readonly nothing?: string | null
  readonly primary?: boolean
}

interface Props {
  readonly system: string
  /** What is possible is asked again whenever this changes. */
  readonly revision: string
  readonly acts: readonly Act[]
  readonly children: ReactNode
}

export function ActBar({ system, revision, acts, children }: Props) {
  const { flow } = useServices()
  const answer = useAnswer(`${system} ${revision}`, 'Ask what can be done', (client, signal) =>
    client.actions.list({ system }, { signal }),
  )
  const offered = acts.flatMap((act) => {
    const info = answer.value?.find(({ id }) => id === act.id)
    return info === undefined ? [] : [{ act, info, because: info.blocked ?? act.nothing ?? null }]
  })
  const press = (act: Act, info: ActionInfo) =>
    void flow.open(
      {
        action: act.id,
        system,
        target: info.target === 'system' || act.ids === null ? 'all' : [...act.ids],
        params: { ...act.params },
      },
      act.label,
    )
  return (
    <div className="flex-none">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 min-h-[38px]">
        {children}
        <span className="ml-auto flex flex-wrap gap-2 empty:hidden">
          {offered
            .filter(({ because }) => because === null)
            .map(({ act, info }) => (
              <Button
                key={act.label}
                small
                tone={act.primary ? 'primary' : 'plain'}
                shortcut={act.key === undefined ? undefined : { key: act.key, text: keyText(act.key) }}
                onPress={() => press(act, info)}
              >
                {act.label}…
              </Button>
            ))}
        </span>
      </div>
      {answer.failure !== null && <p className="text-small text-failed">{answer.failure.because}</p>}
      <Blocked because={grouped(offered.map(({ act, because }) => ({ label: act.label, because })))} />
    </div>
  )
}

/** Verbs that cannot be done for the same reason share its sentence. */
function grouped(all: readonly { label: string; because: string | null }[]): ReadonlyMap<string, readonly string[]> {
  const by = new Map<string, readonly string[]>()
  for (const { label, because } of all) if (because !== null) by.set(because, [...(by.get(because) ?? []), label])
  return by
}

function Blocked({ because }: { because: ReadonlyMap<string, readonly string[]> }) {
  // The line stays when nothing is blocked: what stands below must not jump when something else is chosen.
  if (because.size === 0) return <div className="h-[22px]" />
  return (
    <ul aria-label="Cannot be done now" className="min-h-[22px] pb-1 text-small leading-[18px] text-ink-3">
      {[...because].map(([sentence, labels]) => (
        <li key={sentence}>
          <span className="font-medium text-ink-2">{labels.join(', ')}:</span> {sentence}
        </li>
      ))}
    </ul>
  )
}
