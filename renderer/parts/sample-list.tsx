// The five incidents of the runbooks: what one would say, its numbers, and one click to stand in it.
import { useState } from 'react'
import type { SampleIncident } from '../../electron/contract/sample.ts'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { go } from '../route.ts'
import { sampleSystems } from '../select-sample.ts'
import { useAnswer, useServices, useView } from '../services.tsx'
import { Button } from './button.tsx'
import { FailureNote } from './section.tsx'

/** @param first the one an address names: its button is the primary one. */
export function SampleList({ first = null }: { first?: string | null }) {
  const { client, notices } = useServices()
  const here = useView((state) => sampleSystems(state.snapshot).join(' '))
  const { value, failure, again } = useAnswer(`samples ${here}`, 'Read the samples', (own, signal) =>
    own.samples.list({}, { signal }),
  )
  const [starting, setStarting] = useState<string | null>(null)
  const start = ({ name }: SampleIncident) => {
    setStarting(name)
    client.samples
      .start({ name })
      .then(
        () => go({ view: 'overview' }),
        (error: unknown) => notices.say(failureText(failureOf(error, 'Start the sample')), true),
      )
      .finally(() => setStarting(null))
  }
  if (failure !== null) return <FailureNote text={failureText(failure)} again={again} />
  return (
    <ol className="border-t border-line">
      {value?.map((one) => (
        <li
          key={one.name}
          className="grid grid-cols-[minmax(0,1fr)_auto_150px] max-small:grid-cols-[minmax(0,1fr)_auto] items-center gap-4 py-[7px] border-b border-line"
        >
          <span className="min-w-0">
            <span className="flex items-center gap-2 font-semibold">
              {one.title}
              {one.running && <span className="text-small font-normal text-ink-3">runs now</span>}
            </span>
            <span className="block text-small text-ink-2">{one.summary}</span>
          </span>
          <span className="text-small text-ink-3 whitespace-nowrap max-small:hidden">runbook {one.runbook}</span>
          <span className="flex justify-end">
            <Button
              small
              tone={one.name === first ? 'primary' : 'plain'}
              shortcut={one.name === first ? { key: 'Enter', text: 'Enter' } : undefined}
              busy={starting !== null}
              label={`${one.running ? 'Go on with' : 'Walk through'}: ${one.title}`}
              onPress={() => (one.running ? go({ view: 'overview' }) : start(one))}
            >
              {starting === one.name ? 'Staging' : one.running ? 'Go on' : 'Walk through'}
            </Button>
          </span>
        </li>
      ))}
    </ol>
  )
}
