// What a finding offers: remedies as actions with a preview, places as links; the first is the primary.

import type { Place } from '../../electron/contract/finding.ts'
import { count } from '../format.ts'
import { anyProof, anyQueue, anyStack, go, type ProofPart, type Route, type StackPart } from '../route.ts'
import { useServices } from '../services.tsx'
import type { VerdictStep } from '../verdict.ts'
import { ActionId } from './action-list.ts'
import { Button } from './button.tsx'

const secondKeys = ['Enter', 'h', 'w']

export function StepButtons({ steps }: { steps: readonly VerdictStep[] }) {
  const { flow, panel } = useServices()
  if (steps.length === 0) return null
  const press = (step: VerdictStep) => {
    if (step.kind === 'add') return panel.setState('add', true)
    if (step.kind === 'failed') return go({ view: 'jobs', system: step.system, state: 'failed' })
    if (step.kind === 'place') return go(routeOf(step.place, step.system))
    const { remedy, system } = step
    const request = {
      action: ActionId(remedy.action),
      system,
      target: remedy.ids ?? ('all' as const),
      params: remedy.params,
    }
    void flow.open(request, remedy.label)
  }
  return (
    <div className="flex flex-wrap gap-2 mt-[18px]">
      {steps.map((step, index) => {
        const key = secondKeys[index] ?? ''
        return (
          <Button
            key={labelOf(step)}
            tone={index === 0 ? 'primary' : index === 1 ? 'plain' : 'quiet'}
            shortcut={{ key, text: key.length === 1 ? key.toUpperCase() : key }}
            onPress={() => press(step)}
          >
            {labelOf(step)}
          </Button>
        )
      })}
    </div>
  )
}

/** “…” says that a preview or a dialog follows. */
function labelOf(step: VerdictStep): string {
  if (step.kind === 'add') return 'Add files…'
  if (step.kind === 'failed') return `See ${count(step.n, 'failed job')}`
  return step.kind === 'place' ? step.place.label : `${step.remedy.label}…`
}

export function routeOf(place: Place, system: string): Route {
  switch (place.view) {
    case 'models':
      return { view: 'workers', part: 'models' }
    case 'job':
      return place.job === null ? { view: 'jobs', system, state: 'running' } : { view: 'job', system, id: place.job }
    case 'jobs':
      return { view: 'jobs', system, state: 'queued' }
    case 'queues':
      return { ...anyQueue, system }
    case 'stack':
      return { ...anyStack, system, part: stackPart(place.label) }
    case 'proof':
      return { ...anyProof, system, part: proofPart(place.label) }
    case 'system':
      return { view: 'system', id: system }
    case 'automation':
      return { view: 'settings', part: 'automation' }
    default:
      return place.view === 'worker' ? { view: 'workers', part: null } : { view: 'settings', part: 'general' }
  }
}

/** “Compare time limits” is about limits; the rest of a proof are the ledgers. */
function proofPart(label: string): ProofPart {
  return /\blimits?\b/.test(label) ? 'limits' : 'ledgers'
}

/** A place names its view; which part of the stack it means is in its words (“Open its log”, “… in .env”). */
function stackPart(label: string): StackPart {
  if (label.includes('.env')) return 'env'
  return /\blogs?\b/.test(label) ? 'logs' : 'services'
}
