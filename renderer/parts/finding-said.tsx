// Acknowledge the verdict, snooze its alerts, or what was said and the way back.
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import type { Said } from '../select-findings.ts'
import { useServices } from '../services.tsx'
import { Button } from './button.tsx'

const HOUR_MINUTES = 60

export function FindingSaid({ finding, said }: { finding: string; said: Said }) {
  const { client, notices } = useServices()
  const tell = (tried: string, call: Promise<unknown>) =>
    void call.catch((error: unknown) => notices.say(failureText(failureOf(error, tried)), true))
  return (
    <div className="flex flex-wrap shrink-0 items-center justify-end gap-x-3 gap-y-1 max-w-[60%] ml-auto -my-1 -mr-[10px] text-small text-ink-2">
      <span role="status" className="empty:hidden">
        {said.text !== null && `${said.text}.`}
      </span>
      {!said.acknowledged && (
        <Button
          small
          tone="quiet"
          shortcut={{ key: 'k', text: 'K' }}
          onPress={() => tell('Acknowledge the finding', client.findings.acknowledge({ key: finding }))}
        >
          Acknowledge
        </Button>
      )}
      {!said.snoozed && (
        <Button
          small
          tone="quiet"
          shortcut={{ key: 'z', text: 'Z' }}
          onPress={() => tell('Snooze the finding', client.findings.snooze({ key: finding, minutes: HOUR_MINUTES }))}
        >
          Snooze 1 h
        </Button>
      )}
      {said.text !== null && (
        <Button
          small
          tone="quiet"
          shortcut={said.snoozed ? { key: 'z', text: 'Z' } : { key: 'k', text: 'K' }}
          onPress={() => tell('Wake the finding', client.findings.wake({ key: finding }))}
        >
          Alert again
        </Button>
      )}
    </div>
  )
}
