// One toast per new critical finding. A toast is never the only channel: tray and window say the same.
import { Notification } from 'electron'
import type { Snapshot } from '../contract/snapshot.ts'
import type { ServerLog } from '../server/server-log.ts'

/** Longest tag of a Windows toast. */
const MAX_TAG = 64

/**
 * Told every snapshot. A finding is announced once while it lasts, and its toast goes when it has cleared; `onRefused`
 * is called where the system does not show it, so that the window can draw attention instead.
 */
export function announceCriticals(open: () => void, onRefused: () => void, log: ServerLog) {
  const shown = new Map<string, Notification | null>()

  function toast(key: string, title: string, body: string): Notification | null {
    const refused = (why: string) => {
      log.warn('notification', `The system did not show a notification: ${why}.`)
      onRefused()
    }
    if (!Notification.isSupported()) {
      refused('it has none in this session')
      return null
    }
    const notification = new Notification({
      id: key.slice(0, MAX_TAG),
      groupId: 'critical',
      groupTitle: 'Unjam',
      title,
      body,
      urgency: 'critical',
      // On Windows urgency alone still lets it disappear.
      timeoutType: 'never',
    })
    notification.on('click', open)
    notification.on('failed', (_event, why) => refused(why))
    notification.show()
    return notification
  }

  return (snapshot: Snapshot | null): void => {
    if (snapshot === null) return
    const critical = snapshot.findings.filter(({ severity }) => severity === 'critical')
    for (const [key, notification] of shown) {
      if (critical.some((finding) => finding.key === key)) continue
      notification?.close()
      shown.delete(key)
    }
    for (const { key, headline, explanation } of critical)
      if (!shown.has(key)) shown.set(key, toast(key, headline, explanation))
  }
}
