// An alert inside the app: what, why, and the ways to its finding and to an hour of quiet.
import { Toast } from 'radix-ui'
import type { Alert } from '../../electron/contract/alert.ts'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { go } from '../route.ts'
import { useServices } from '../services.tsx'
import { ActionId } from './action-list.ts'
import { Button } from './button.tsx'
import { Glyph } from './glyph.tsx'

export function AlertText({ alert, onDone }: { alert: Alert; onDone: () => void }) {
  const { client, notices, flow } = useServices()
  const { remedy, system } = alert
  const glyph = alert.severity === 'critical' ? 'critical' : alert.kind === 'unreadable' ? 'unknown' : 'attention'
  const snooze = () => {
    Promise.all(alert.keys.map((key) => client.findings.snooze({ key }))).catch((error: unknown) =>
      notices.say(failureText(failureOf(error, 'Snooze the alert')), true),
    )
    onDone()
  }
  const open = () => {
    go({ view: 'finding', key: alert.keys[0] ?? '' })
    onDone()
  }
  return (
    <>
      <Glyph name={glyph} label={alert.severity} />
      <div className="min-w-0 flex-1">
        <Toast.Title className="font-semibold">{alert.title}</Toast.Title>
        <Toast.Description className="text-small text-ink-2 whitespace-pre-line line-clamp-3">
          {alert.body}
        </Toast.Description>
        <span className="flex flex-wrap gap-2 mt-2">
          <Button small tone="primary" onPress={open} label={`Open: ${alert.title}`}>
            Open
          </Button>
          {remedy !== null && (
            <Button
              small
              onPress={() => {
                const target = remedy.ids ?? ('all' as const)
                void flow.open({ action: ActionId(remedy.action), system, target, params: remedy.params }, remedy.label)
              }}
            >
              {remedy.label}…
            </Button>
          )}
          <Button small onPress={snooze} label={`Snooze for 1 h: ${alert.title}`}>
            Snooze 1 h
          </Button>
        </span>
      </div>
    </>
  )
}
