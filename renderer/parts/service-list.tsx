// Services with what can be done to the chosen one, and the command that opens a shell in it.
import { useState } from 'react'
import { useKey } from '../keys.ts'
import { type ServiceRow, type StackModel, serviceDeaf } from '../select-stack.ts'
import { type Act, ActBar } from './act-bar.tsx'
import { CopyButton } from './copy-button.tsx'
import { ReadingValue } from './reading.tsx'
import { ServiceTable, serviceSum } from './service-table.tsx'

export function ServiceList({ model }: { model: StackModel }) {
  const [at, setAt] = useState<string | null>(null)
  const rows = model.services.value
  const old = model.services.lost !== null
  // Who is not well is who something can be done about.
  const sick = rows?.find(({ level }) => level === 'critical')
  const chosen = rows?.find(({ key }) => key === at) ?? sick ?? rows?.[0]
  const move = (step: number) => {
    const next = rows?.[rows.findIndex(({ key }) => key === chosen?.key) + step]
    if (next !== undefined) setAt(next.key)
  }
  useKey('ArrowDown', () => move(1))
  useKey('ArrowUp', () => move(-1))
  if (rows === null)
    return (
      <p className="py-4">
        <ReadingValue shown={model.services} explain>
          {() => null}
        </ReadingValue>
      </p>
    )
  if (chosen === undefined)
    return <p className="py-4 text-ink-3">The project has no container. Its services have never been created.</p>
  return (
    <div className="pb-10">
      <div className="mt-2">
        <ActBar system={model.system} revision={`${model.revision} ${chosen.key}`} acts={actsOn(chosen, rows, old)}>
          <h2 className="font-semibold">{chosen.name}</h2>
          <span className="text-small text-ink-3">{serviceSum(rows, old)}</span>
        </ActBar>
      </div>
      <ServiceTable rows={rows} chosen={chosen.key} onChoose={setAt} old={old} />
      <div className="flex items-center gap-3 mt-4">
        <span className="text-ink-3 flex-none">Shell in {chosen.name}</span>
        <code className="min-w-0 px-[9px] py-[4px] bg-sunken border border-line rounded-1 overflow-x-auto whitespace-nowrap">
          {chosen.service.shell}
        </code>
        <CopyButton text={chosen.service.shell} />
      </div>
    </div>
  )
}

function actsOn({ service }: ServiceRow, rows: readonly ServiceRow[], old: boolean): Act[] {
  const replicas = rows.filter((row) => row.service.service === service.service).length
  const act = (id: Act['id'], label: string, key: string, params: Act['params'] = {}): Act => ({
    id,
    label,
    key,
    ids: [service.service],
    params,
    // What it was does not say what it is: the core looks again when it is pressed.
    nothing: old ? null : serviceDeaf(id, service),
  })
  return [
    act('start-service', 'Start', 's'),
    act('restart-service', 'Restart', 'r'),
    act('scale-service', 'Scale', 'g', { replicas: String(replicas + 1) }),
    act('stop-service', 'Stop', 'x'),
  ]
}
