// When alerts stay quiet, and whether this browser shows them while its page is not looked at.
import { useState } from 'react'
import type { Settings, SettingsPatch } from '../../electron/contract/settings.ts'
import { switchNotifications, type WebNotifications, webNotifications } from '../web-notifications.ts'
import { Button } from './button.tsx'
import { Section } from './section.tsx'

const row =
  'grid grid-cols-[136px_minmax(0,210px)_minmax(0,1fr)] gap-x-4 items-center min-h-[40px] py-1 border-b border-line'

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
    if (from !== '' && to !== '') onChange({ alerts: { quietHours: { from, to } } })
    else if (from === '' && to === '') onChange({ alerts: { quietHours: null } })
  }
  const time = (label: string, value: string, change: (text: string) => void) => (
    <input
      type="time"
      aria-label={label}
      className="field w-[92px]"
      value={value}
      onChange={(event) => change(event.target.value)}
      onBlur={leave}
    />
  )
  const half = (from === '') !== (to === '')
  return (
    <div className={row}>
      <span>Quiet hours</span>
      <span className="flex items-center gap-2">
        {time('Quiet from', from, setFrom)} – {time('Quiet to', to, setTo)}
      </span>
      <span role={half ? 'alert' : undefined} className={`text-small ${half ? 'text-failed' : 'text-ink-3'}`}>
        {half
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
