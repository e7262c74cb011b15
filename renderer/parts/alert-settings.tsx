// When alerts stay quiet, and whether this browser shows them while its page is not looked at.
import { useState } from 'react'
import type { Settings, SettingsPatch } from '../../electron/contract/settings.ts'
import { switchNotifications, type WebNotifications, webNotifications } from '../web-notifications.ts'
import { Button } from './button.tsx'
import { Section } from './section.tsx'

/** 24 hours, as everywhere in the app: the browser's own field for times follows the machine's language. */
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/

const row = 'grid grid-cols-[136px_156px_minmax(0,1fr)] gap-x-4 items-center min-h-[40px] py-1 border-b border-line'

interface Props {
  readonly settings: Settings
  readonly onChange: (patch: SettingsPatch) => void
}

export function AlertSettings({ settings, onChange }: Props) {
  return (
    <Section title="Alerts" note="critical findings, and work that is slow, stuck or starved" className="mb-6">
      <QuietHours settings={settings} onChange={onChange} />
      <BrowserNotifications />
    </Section>
  )
}

/** Both or none: kept when a field is left. */
function QuietHours({ settings, onChange }: Props) {
  const kept = settings.alerts.quietHours
  const [from, setFrom] = useState(kept?.from ?? '')
  const [to, setTo] = useState(kept?.to ?? '')
  const leave = () => {
    if (from === (kept?.from ?? '') && to === (kept?.to ?? '')) return
    if (TIME.test(from) && TIME.test(to)) onChange({ alerts: { quietHours: { from, to } } })
    else if (from === '' && to === '') onChange({ alerts: { quietHours: null } })
  }
  const time = (label: string, value: string, change: (text: string) => void, example: string) => (
    <input
      aria-label={label}
      aria-invalid={value !== '' && !TIME.test(value)}
      className="field w-[64px]"
      placeholder={example}
      value={value}
      onChange={(event) => change(event.target.value.trim())}
      onBlur={leave}
    />
  )
  const half = (from === '') !== (to === '')
  const wrong = [from, to].some((text) => text !== '' && !TIME.test(text))
  return (
    <div className={row}>
      <span>Quiet hours</span>
      <span className="flex items-center gap-2">
        {time('Quiet from', from, setFrom, '22:00')} – {time('Quiet to', to, setTo, '07:00')}
      </span>
      <span
        role={half || wrong ? 'alert' : undefined}
        className={`text-small ${half || wrong ? 'text-failed' : 'text-ink-3'}`}
      >
        {wrong
          ? 'Times like 22:00.'
          : half
            ? 'Both times, or neither.'
            : 'Nothing is said in between; what still holds is said afterwards. Empty: none.'}
      </span>
    </div>
  )
}

const sentences: Readonly<Record<WebNotifications, string>> = {
  desktop: 'This window shows them as notifications of the desktop.',
  unsupported: 'This browser has none.',
  blocked: 'This browser blocks them for this address; its own settings can allow them.',
  off: 'While this page is open and not looked at. The browser asks once.',
  on: 'Shown while this page is open and not looked at.',
}

function BrowserNotifications() {
  const [state, setState] = useState(webNotifications)
  const turn = (on: boolean) => void switchNotifications(on).then(setState)
  return (
    <div className={row}>
      <span>Notifications</span>
      <span>
        {state === 'off' && (
          <Button small onPress={() => turn(true)}>
            Allow in this browser
          </Button>
        )}
        {state === 'on' && (
          <Button small onPress={() => turn(false)}>
            Switch off
          </Button>
        )}
      </span>
      <span role="status" className="text-small text-ink-3">
        {sentences[state]}
      </span>
    </div>
  )
}
