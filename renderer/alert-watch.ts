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
    if (snapshot === null || snapshot.alerts === before.snapshot?.alerts) return
    for (const group of [...shown.keys()]) {
      if (snapshot.alerts.some((alert) => alert.group === group)) continue
      shown.delete(group)
      ports.gone(group)
    }
    // The newest is first: it is to be shown last, on top of the others.
    for (const alert of snapshot.alerts.toReversed()) {
      if (shown.get(alert.group) === alert.id) continue
      shown.set(alert.group, alert.id)
      const stale = !looked && Date.parse(snapshot.at) - Date.parse(alert.at) > FRESH_MS
      if (!stale) ports.show(alert)
    }
    looked = true
  })
}
