// Wakes the worker of a QC service (runbook 4, "Trigger worker restart").
import { needed } from '../missing-part.ts'
import type { Action, Frozen } from './action.ts'
import { refuse } from './refuse.ts'

interface TriggerPlan extends Frozen {
  readonly command: string
}

const TITLE = 'Trigger the worker'

export const triggerWorker: Action<TriggerPlan> = {
  id: 'trigger-worker',
  target: 'system',
  risk: 'safe',
  kinds: ['qc'],
  ability: null,
  needs: ['recovery'],
  params: [],
  offer: () => ({ title: TITLE, blocked: null }),
  async plan(_request, { system }) {
    const { command } = needed(system, 'recovery', TITLE)
    return {
      items: [{ id: system.id, title: system.id, note: 'its worker', fingerprint: 'worker' }],
      undoable: false,
      command: command('trigger_worker'),
    }
  },
  preview({ command }) {
    return {
      title: TITLE,
      summary: 'The service wakes its worker, which takes the next queued jobs.',
      notTouched: ['Stuck jobs: they stay as they are until they are cancelled or retried'],
      know: ['When a job stays stuck after it, redeploy the service from its dashboard.'],
      command,
      undo: 'There is nothing to undo: a worker that was woken only takes what waits.',
      confirm: 'Trigger 1 worker',
    }
  },
  async execute(_plan, { system, signal }) {
    const { told } = await needed(system, 'recovery', TITLE).triggerWorker(signal)
    const said = told === null ? '' : ` The service says: ${told.replace(/\.$/, '')}.`
    return { count: 1, left: [], summary: `The worker was triggered.${said}`, trail: null }
  },
  async undo(_trail, world) {
    throw refuse('Undo the trigger', world.system.id, 'a worker that was woken only takes what waits')
  },
}
