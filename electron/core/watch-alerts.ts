// The alerts of a running core: what was said is remembered over restarts, what stands is part of the snapshot.
import * as z from 'zod'
import type { Alert } from '../contract/alert.ts'
import { Instant } from '../contract/failure.ts'
import { type Finding, Severity } from '../contract/finding.ts'
import type { QuietHours } from '../contract/settings.ts'
import { type AlertMemory, isQuiet, nextAlerts } from './alerts.ts'
import type { AlertsMemory } from './ports/findings.ts'
import type { Clock } from './ports/local.ts'
import { standingAlerts } from './standing-alerts.ts'

export interface AlertOptions {
  readonly alerts: AlertsMemory
  readonly clock: Clock
  /** null: none are set. */
  quietHours(): QuietHours | null
  onBug(where: string, error: unknown): void
}

const Kept = z.object({
  since: Instant,
  severity: Severity,
  firstMs: z.number(),
  lastMs: z.number(),
  stage: z.enum(['said', 'unanswered', 'persisting']),
  snoozed: z.boolean(),
  seenMs: z.number(),
})

/** Told what is found now, and what is still there although it is not seen; answers with the alerts that stand. */
export function watchAlerts(
  options: AlertOptions,
): (findings: readonly Finding[], there: readonly Finding[]) => Alert[] {
  const { clock } = options
  let memory: AlertMemory = restore(options)
  let written = textOf(memory)
  let standing: Alert[] = []

  function keep(): void {
    const states = textOf(memory)
    if (JSON.stringify(states) === JSON.stringify(written)) return
    written = states
    try {
      options.alerts.write(states)
    } catch (error) {
      // Said twice after a restart is better than not said.
      options.onBug('the memory of alerts', error)
    }
  }

  return (findings, there) => {
    const nowMs = clock.nowMs()
    const time = new Date(clock.now())
    const quiet = isQuiet(options.quietHours(), time.getHours() * 60 + time.getMinutes())
    const next = nextAlerts(memory, findings, nowMs, quiet)
    memory = next.memory
    standing = standingAlerts(standing, next.raised, there, clock.now())
    keep()
    return standing
  }
}

function textOf(memory: AlertMemory): [string, string][] {
  return [...memory].map(([key, alerted]) => [key, JSON.stringify(alerted)])
}

function restore({ alerts, onBug }: AlertOptions): AlertMemory {
  try {
    return new Map(alerts.read().map(([key, state]) => [key, Kept.parse(JSON.parse(state))]))
  } catch (error) {
    onBug('the memory of alerts', error)
    return new Map()
  }
}
