// A job's name, its state, the facts of one glance, and what can be done with it.
import type { Job } from '../../electron/contract/job.ts'
import type { FactModel } from '../select-job.ts'
import { useAnswer, useServices } from '../services.tsx'
import { actionKeys, actionsFor, keyText, taskOf, verbOf } from './action-list.ts'
import { BlockedActions } from './blocked-actions.tsx'
import { Button } from './button.tsx'
import { ExportMenu } from './export-menu.tsx'
import { Glyph, stateWords } from './glyph.tsx'

interface Props {
  readonly job: Job
  readonly hasTranscript: boolean
  readonly facts: readonly FactModel[]
}

export function JobHead({ job, hasTranscript, facts }: Props) {
  const { flow } = useServices()
  const { system, id, state } = job
  const answer = useAnswer(`${system} ${state}`, 'Ask what can be done', (client, signal) =>
    client.actions.list({ system }, { signal }),
  )
  // A failed job's first remedy stands beside its reason.
  const offered = actionsFor(state, answer.value ?? []).filter(
    (action) =>
      !(state === 'failed' && action.id === 'retry-jobs') && !(action.id === 'finalize-parent' && job.children == null),
  )
  const task = taskOf(job, answer.value ?? [])
  return (
    <>
      <div className="flex max-small:flex-wrap items-start gap-3">
        <h1 className="text-title font-display min-w-0 [overflow-wrap:anywhere] line-clamp-2" title={job.title}>
          {job.title}
        </h1>
        <span className="flex items-center gap-[6px] font-semibold leading-7 whitespace-nowrap" role="status">
          <Glyph name={job.state} />
          {stateWords[job.state]}
        </span>
        <span className="ml-auto flex-none flex items-center gap-2">
          {hasTranscript && <ExportMenu system={system} id={id} />}
          {task !== null && (
            <Button
              small
              onPress={() =>
                void flow.open({ action: 'revoke-task', system, target: [id], params: task.params }, task.title)
              }
            >
              {task.title}…
            </Button>
          )}
          {offered
            .filter(({ blocked }) => blocked === null)
            .map((action) => {
              const key = actionKeys[action.id]
              return (
                <Button
                  key={action.id}
                  small
                  shortcut={key === undefined ? undefined : { key, text: keyText(key) }}
                  onPress={() => void flow.open({ action: action.id, system, target: [id], params: {} }, action.title)}
                >
                  {verbOf(action)}…
                </Button>
              )
            })}
        </span>
      </div>
      <dl className="flex flex-wrap gap-x-8 gap-y-2 pt-[10px] pb-[14px]">
        {facts.map(({ title, value, mono = false }) => (
          <div key={title}>
            <dt className="text-small text-ink-3">{title}</dt>
            <dd className={mono ? 'mono !leading-5' : 'font-semibold'}>{value}</dd>
          </div>
        ))}
      </dl>
      <BlockedActions actions={offered} />
    </>
  )
}
