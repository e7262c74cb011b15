// Which systems are watched, with what is configured of each; and the way to one more.
import { useState } from 'react'
import type { Settings, SystemSettings } from '../../electron/contract/settings.ts'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { go } from '../route.ts'
import { useServices } from '../services.tsx'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Section } from './section.tsx'

interface Props {
  readonly systems: readonly SystemSettings[]
  readonly onChange: (settings: Settings) => void
}

export function SystemList({ systems, onChange }: Props) {
  const [leaving, setLeaving] = useState<string | null>(null)
  return (
    <Section
      title="Watched"
      note="each part alone; one that fails stops no other"
      end={
        <Button small onPress={() => go({ view: 'system', id: null })} shortcut={{ key: 'n', text: 'N' }}>
          Add a system…
        </Button>
      }
    >
      {systems.length === 0 && (
        <p className="py-3 text-ink-3 border-b border-line">Only the local one, which needs no setting up.</p>
      )}
      <ul>
        {systems.map((system) => (
          <li key={system.id} className="flex items-center gap-4 min-h-[44px] py-[6px] border-b border-line">
            <span className="min-w-0">
              <b>{system.id}</b> <span className="text-ink-3">{system.kind}</span>
              <span className="block text-small text-ink-2 [overflow-wrap:anywhere]">{partsText(system)}</span>
            </span>
            <span className="ml-auto flex gap-2 flex-none">
              {system.kind !== 'local' && (
                <>
                  <Button small label={`Edit ${system.id}`} onPress={() => go({ view: 'system', id: system.id })}>
                    Edit…
                  </Button>
                  <Button small label={`Stop watching ${system.id}`} onPress={() => setLeaving(system.id)}>
                    Remove…
                  </Button>
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      {leaving !== null && <Remove id={leaving} onClose={() => setLeaving(null)} onChange={onChange} />}
    </Section>
  )
}

function partsText(system: SystemSettings): string {
  if (system.kind === 'local') return 'The database and the worker of this computer'
  if (system.kind === 'qc') return system.url
  const stack = system.stack?.project === undefined ? null : `compose project ${system.stack.project}`
  const own = system.kind === 'recordings' ? [system.api, stack, system.envFile] : [stack]
  return [system.database, system.broker ?? 'no broker', ...own].filter(Boolean).join(' · ')
}

function Remove({ id, onClose, onChange }: { id: string; onClose: () => void; onChange: Props['onChange'] }) {
  const { client, notices } = useServices()
  const remove = () => {
    client.systems.remove({ id }).then(
      (settings) => {
        notices.say(`${id} is no longer watched.`)
        onClose()
        onChange(settings)
      },
      (error: unknown) => notices.say(failureText(failureOf(error, `Stop watching ${id}`)), true),
    )
  }
  return (
    <Dialog
      open
      width={560}
      focus="[data-confirm]"
      onClose={onClose}
      title={`Stop watching ${id}`}
      description="Unjam forgets how to reach it. Nothing of the system itself is touched: its jobs, queues and containers go on."
      footer={
        <span className="ml-auto flex gap-2">
          <Button onPress={onClose} shortcut={{ key: 'Escape', text: 'Esc', inDialog: true }}>
            Cancel
          </Button>
          <Button
            tone="primary"
            confirm
            onPress={remove}
            shortcut={{ key: 'Ctrl+Enter', text: 'Ctrl Enter', inDialog: true }}
          >
            Stop watching {id}
          </Button>
        </span>
      }
    >
      <p className="body pb-4 text-ink-2">
        Receipts stay in History. Adding it again takes its settings and passwords anew.
      </p>
    </Dialog>
  )
}
