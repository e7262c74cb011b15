// Alerts of the core as they reach this page: each is shown once, and taken away when it no longer stands.
import type { StoreApi } from 'zustand/vanilla'
import type { Alert } from '../electron/contract/alert.ts'
import type { LiveState } from './live.ts'

export interface AlertPorts {
  show(alert: Alert): void
  /** It was answered, snoozed, or its cause has gone. */
  gone(group: string): void
}

/** What was raised before the page looked is on the screen already. */
const FRESH_MS = 60_000

export function watchAlerts(live: StoreApi<LiveState>, ports: AlertPorts): void {
  const shown = new Map<string, string>()
  let looked = false
  live.subscribe(({ snapshot }, before) => {
    if (snapshot === null) return
    const { alerts, findings } = snapshot
    if (alerts === before.snapshot?.alerts && findings === before.snapshot?.findings) return
    const here = new Set(findings.map(({ key }) => key))
    for (const group of [...shown.keys()]) {
      const alert = alerts.find((one) => one.group === group)
      if (alert?.keys.some((key) => here.has(key))) continue
      // The core lets an alert stand a while longer than its finding, lest one lost reading says it twice.
      ports.gone(group)
      if (alert === undefined) shown.delete(group)
    }
    // The newest is first: it is to be shown last, on top of the others.
    for (const alert of alerts.toReversed()) {
      if (shown.get(alert.group) === alert.id) continue
      shown.set(alert.group, alert.id)
      const stale = !looked && Date.parse(snapshot.at) - Date.parse(alert.at) > FRESH_MS
      if (!stale) ports.show(alert)
    }
    looked = true
  })
}
