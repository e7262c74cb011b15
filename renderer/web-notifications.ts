// Notifications of the browser: only where a person has allowed them by a click, and only while the page is not looked at.
import type { Alert } from '../electron/contract/alert.ts'
import { visibleLine, visibleText } from '../electron/contract/visible-text.ts'
import { go } from './route.ts'

/** `desktop`: the window's own shell shows toasts. `blocked`: only the browser's settings can change it. */
export type WebNotifications = 'desktop' | 'unsupported' | 'blocked' | 'off' | 'on'

const KEY = 'unjam-notifications'

/** That they were switched off here, although the browser would still allow them. */
function isOff(): boolean {
  try {
    return localStorage.getItem(KEY) === 'off'
  } catch {
    return false
  }
}

export function webNotifications(): WebNotifications {
  if (location.protocol === 'app:') return 'desktop'
  if (!('Notification' in window)) return 'unsupported'
  if (Notification.permission === 'denied') return 'blocked'
  return Notification.permission === 'granted' && !isOff() ? 'on' : 'off'
}

/** By a click alone: browsers take a question without one for an annoyance. */
export async function switchNotifications(on: boolean): Promise<WebNotifications> {
  if (on && 'Notification' in window) await Notification.requestPermission()
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off')
  } catch {
    // Storage may be forbidden; then the browser's own permission is all there is.
    return webNotifications()
  }
  return webNotifications()
}

const shown = new Map<string, Notification>()

export function showNotification({ group, title, body, severity, keys }: Alert): void {
  if (webNotifications() !== 'on' || document.hasFocus()) return
  const notification = new Notification(visibleLine(title), {
    ...{ body: visibleText(body), tag: group },
    requireInteraction: severity === 'critical',
  })
  notification.onclick = () => {
    window.focus()
    go({ view: 'finding', key: keys[0] ?? '' })
    notification.close()
  }
  shown.set(group, notification)
}

export function closeNotification(group: string): void {
  shown.get(group)?.close()
  shown.delete(group)
}
