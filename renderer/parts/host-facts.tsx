// The computer, the program, where everything is kept, and what is watched.
import type { SystemSettings } from '../../electron/contract/settings.ts'
import { bytes, when } from '../format.ts'
import { useAnswer } from '../services.tsx'
import { CopyButton } from './copy-button.tsx'
import { Section } from './section.tsx'

export function HostFacts({ systems }: { systems: readonly SystemSettings[] }) {
  const { value: info } = useAnswer('info', 'Read what this computer has', (client, signal) =>
    client.host.info({}, { signal }),
  )
  if (info === null) return null
  const facts = [
    ['Version', `${info.version}, ${info.platform}, in the ${info.host}`],
    ['Running', `since ${when(Date.parse(info.startedAt), Date.now())}, as ${info.user}`],
    ['Machine', `${info.cores} cores, ${bytes(info.freeMemoryBytes)} of ${bytes(info.memoryBytes)} memory free`],
    ['Watching', systems.length === 0 ? 'local' : systems.map(({ id, kind }) => `${id} (${kind})`).join(', ')],
  ]
  return (
    <Section title="This installation" className="mt-6">
      <dl className="facts tight">
        <dt>Data directory</dt>
        <dd className="flex items-start gap-3">
          <code className="min-w-0 flex-1 [overflow-wrap:anywhere]">{info.dataDir}</code>
          <CopyButton text={info.dataDir} />
        </dd>
        {facts.map(([title, value]) => (
          <Fact key={title} title={title ?? ''} value={value ?? ''} />
        ))}
      </dl>
      {info.notices.map((notice) => (
        <p key={notice} className="py-2 text-attention">
          {notice}
        </p>
      ))}
    </Section>
  )
}

function Fact({ title, value }: { title: string; value: string }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{value}</dd>
    </>
  )
}
