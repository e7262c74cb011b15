// One toast per alert that the core has raised. A toast is never the only channel: tray and window say the same.
import { Notification } from 'electron'
import type { Alert } from '../contract/alert.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { visibleLine, visibleText } from '../contract/visible-text.ts'
import type { ServerLog } from '../server/server-log.ts'
import { type Address, findingAddress, previewAddress } from './address.ts'

/** Longest tag of a Windows toast. */
const MAX_TAG = 64
/** What was raised before somebody looked is on the screen already. */
const FRESH_MS = 60_000

export interface AlertTargets {
  /** Opens the window at exactly this finding. */
  open(at: Address): void
  /** Alerts about these findings stay quiet for an hour. */
  snooze(keys: readonly string[]): void
  /** Where the system does not show it, so that the window can draw attention instead. */
  onRefused(): void
}

/** Told every snapshot. An alert is shown once, in the place of the one before it, and goes when it no longer stands. */
export function showAlerts(targets: AlertTargets, log: ServerLog) {
  const shown = new Map<string, { readonly id: string; readonly toast: Notification | null }>()
  let looked = false

  function toast(alert: Alert): Notification | null {
    const refused = (why: string) => {
      log.warn('notification', `The system did not show a notification: ${why}.`)
      targets.onRefused()
    }
    if (!Notification.isSupported()) {
      refused('it has none in this session')
      return null
    }
    const critical = alert.severity === 'critical'
    const { remedy, system, keys } = alert
    const [first = ''] = keys
    const open = () => targets.open(findingAddress(first))
    const buttons = [
      ...(remedy === null
        ? []
        : [{ text: `${remedy.label}…`, press: () => targets.open(previewAddress(system, remedy)) }]),
      { text: 'Open', press: open },
      { text: 'Snooze 1 h', press: () => targets.snooze(keys) },
    ]
    const notification = new Notification({
      id: alert.group.slice(0, MAX_TAG),
      groupId: 'alerts',
      groupTitle: 'Unjam',
      title: visibleLine(alert.title),
      body: visibleText(alert.body),
      urgency: critical ? 'critical' : 'normal',
      // On Windows urgency alone still lets it disappear.
      timeoutType: critical ? 'never' : 'default',
      // Where the system has no buttons, a click still opens it, and it can be snoozed there.
      actions: buttons.map(({ text }) => ({ type: 'button', text: visibleLine(text) })),
    })
    notification.on('click', open)
    notification.on('action', ({ actionIndex }) => buttons[actionIndex]?.press())
    notification.on('failed', (_event, why) => refused(why))
    notification.show()
    return notification
  }

  return (snapshot: Snapshot | null): void => {
    if (snapshot === null) return
    for (const [group, { toast }] of shown) {
      if (snapshot.alerts.some((alert) => alert.group === group)) continue
      toast?.close()
      shown.delete(group)
    }
    for (const alert of snapshot.alerts) {
      const before = shown.get(alert.group)
      if (before?.id === alert.id) continue
      const stale = !looked && Date.parse(snapshot.at) - Date.parse(alert.at) > FRESH_MS
      before?.toast?.close()
      shown.set(alert.group, { id: alert.id, toast: stale ? null : toast(alert) })
    }
    looked = true
  }
}
