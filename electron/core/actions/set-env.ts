// Values of .env changed and applied: runbook 1, "set TASK_TIMEOUT_SECONDS", with the recreate that a restart is not.
import type { Service } from '../../contract/service.ts'
import { count, listed, plural } from '../wording.ts'
import type { Action } from './action.ts'
import { applyEnv } from './apply-env.ts'
import { type EnvPlan, freezeEnv } from './frozen-env.ts'
import { isPaused, isUp, SERVICE_WRITE_MS } from './frozen-service.ts'
import { settleEnv, undoEnv } from './settle-env.ts'

export const setEnv: Action<EnvPlan> = {
  id: 'set-env',
  target: 'system',
  risk: 'disruptive',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['env'],
  writeMs: SERVICE_WRITE_MS,
  params: 'any',
  offer: () => ({ title: 'Change .env', blocked: null }),
  plan: freezeEnv,
  preview(plan) {
    const { title, services, containers, others } = plan
    const writes = plan.after !== plan.before.text
    const names = [...services.keys()]
    const n = names.length
    return {
      title,
      summary: `${writes ? `${plan.path} is backed up and written in one step.` : 'The file says so already, but containers do not have it.'} ${applied(plan)}`,
      table:
        n === 0
          ? null
          : {
              columns: ['Service', 'Containers', 'Uses'],
              rows: names.map((service) => ({
                cells: [
                  service,
                  String(containers.filter((one) => one.service === service).length),
                  listed(services.get(service) ?? [], 4),
                ],
                share: null,
              })),
            },
      diff: writes ? [...plan.diff] : null,
      know: [...plan.know, ...recreating(plan)],
      notTouched: [
        ...(writes ? ['Every other line of the file, byte for byte'] : ['The file']),
        ...(others.length === 0 ? [] : [`${plural(others.length, 'Service', 'Services')} ${listed(others, 6)}`]),
        ...(n === 0 ? [] : ['Volumes, images and the jobs in the database']),
      ],
      command: plan.command,
      undo: writes
        ? `Undo puts the old text back where nobody has edited it by then${n === 0 ? '' : `, and recreates ${listed(names, 4)} with it`}.`
        : 'There is no undo: the file does not change.',
      confirm: confirm(plan),
    }
  },
  execute: applyEnv,
  settle: settleEnv,
  undo: undoEnv,
}

function confirm({ after, before, changes, services }: EnvPlan): string {
  const save = changes.size === 0 ? 'Save the text' : `Change ${count(changes.size, 'value')}`
  const recreate = services.size === 0 ? '' : `, recreate ${count(services.size, 'service')}`
  return `${after === before.text ? 'Apply' : save}${recreate}`
}

function applied(plan: EnvPlan): string {
  const { services, stack, changes } = plan
  if (stack === 'none') return 'No compose stack is configured: the next containers take it, nothing is recreated now.'
  if (changes.size === 0) return 'No value changes, so nothing is recreated.'
  const names = [...services.keys()]
  if (names.length === 0) return 'No service of the stack uses it, so nothing is recreated.'
  const n = names.length
  const recreated = `Then ${listed(names, 4)} ${plural(n, 'is', 'are')} recreated`
  if (!plan.containers.some(isUp)) return `${recreated}. Nothing is started.`
  return `${recreated}, and the running values are read back. On failure, the file and containers are restored.`
}

/** What becomes of containers that do not simply run: by compose and by the engine alike. */
function states(containers: readonly Service[]): string[] {
  const named = (some: readonly Service[]) =>
    listed(
      some.map(({ container }) => container),
      4,
    )
  const stopped = containers.filter((one) => !isUp(one))
  const paused = containers.filter(isPaused)
  return [
    ...(stopped.length === 0
      ? []
      : [
          `${named(stopped)} ${plural(stopped.length, 'is', 'are')} stopped now and ${plural(stopped.length, 'stays', 'stay')} stopped; the next start has the new values.`,
        ]),
    ...(paused.length === 0
      ? []
      : [
          `${named(paused)} ${plural(paused.length, 'is', 'are')} paused now and will run afterwards: a new container cannot resume a paused one.`,
        ]),
  ]
}

function recreating({ services, stack, containers, others }: EnvPlan): string[] {
  if (services.size === 0) return []
  return [
    'A restart would not do: a container keeps the environment that it was created with, so new ones are made.',
    ...states(containers),
    ...(stack === 'engine'
      ? [
          'The compose command is not on this machine, so the engine makes the containers; the next “up” of compose makes them once more.',
        ]
      : []),
    ...(others.length === 0
      ? []
      : ['A service that has the .env itself mounted as a file keeps the old one until it is recreated.']),
  ]
}
