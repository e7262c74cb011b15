// Every key, in one place.
import { useServices, useStore } from '../services.tsx'
import { Kbd } from './button.tsx'
import { Dialog } from './dialog.tsx'

const groups: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['1 … 6', 'Overview, Jobs, Queues, Workers, Stack, History'],
      ['Ctrl ,', 'Settings'],
      ['Ctrl K', 'Find a job, run an action'],
      ['A', 'Add files'],
      ['Enter', 'The primary button of the screen'],
      ['Esc', 'Back, or close what is open'],
      ['?', 'This list'],
    ],
  },
  {
    title: 'Overview',
    keys: [
      ['N', 'Next finding'],
      ['H, W', 'Second and third remedy'],
      ['K, Z', 'Acknowledge; snooze for 1 h'],
    ],
  },
  {
    title: 'Lists of jobs',
    keys: [
      ['[ ]', 'Previous and next tab'],
      ['/', 'Search by name'],
      ['↑ ↓', 'Move'],
      ['Space', 'Select; with Shift, a range by mouse'],
      ['Ctrl A', 'Select all'],
      ['Enter', 'Open'],
    ],
  },
  {
    title: 'Queues',
    keys: [
      ['↑ ↓', 'Move between queues'],
      ['[ ]', 'By task, messages, unacked, failed attempts'],
      ['E, P', 'Enqueue now; pause or resume'],
      ['C, D, Del', 'Collapse, de-duplicate, purge'],
    ],
  },
  {
    title: 'Workers and stack',
    keys: [
      ['+ −', 'Grow and shrink the pool'],
      ['R, T', 'Revoke and terminate a task'],
      ['S, R, G, X', 'Start, restart, scale, stop a service'],
      ['F', 'Follow the log'],
      ['W, T', 'The whole .env; set its time limit'],
    ],
  },
  {
    title: 'A job',
    keys: [
      ['P', 'Play and pause'],
      ['E', 'Export the transcript'],
      ['Ctrl F', 'Search the transcript'],
    ],
  },
  {
    title: 'Dialogs',
    keys: [
      ['Ctrl Enter', 'Confirm'],
      ['C', 'Copy the command'],
      ['U', 'Undo what was just done'],
    ],
  },
]

export function KeysDialog() {
  const { panel } = useServices()
  const open = useStore(panel) === 'keys'
  return (
    <Dialog open={open} onClose={() => panel.setState(null, true)} title="Keys" width={720}>
      <div className="body pb-3 columns-2 gap-10">
        {groups.map(({ title, keys }) => (
          <section key={title} aria-label={title} className="break-inside-avoid pb-4">
            <h3 className="sec !pb-1">{title}</h3>
            <dl>
              {keys.map(([key, does]) => (
                <div key={key} className="flex gap-4 py-[5px] border-b border-line">
                  <dt className="w-[76px] flex-none whitespace-nowrap">
                    <Kbd>{key}</Kbd>
                    <span className="sr-only">{key}</span>
                  </dt>
                  <dd className="text-ink-2">{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
