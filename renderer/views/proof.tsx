// What a verdict rests on: the ledgers side by side, what a time limit would do, and the heartbeats.
import { HeartbeatChart } from '../charts/heartbeat-chart.tsx'
import { LedgerPanel } from '../parts/ledger-panel.tsx'
import { LimitPanel } from '../parts/limit-panel.tsx'
import { Main } from '../parts/main.tsx'
import { PartTabs } from '../parts/part-tabs.tsx'
import { SystemPicker } from '../parts/system-picker.tsx'
import { anyProof, go, type ProofPart, type ProofRoute } from '../route.ts'
import { type ProofModel, selectProof } from '../select-proof.ts'
import { useView } from '../services.tsx'

export function ProofView({ route }: { route: ProofRoute }) {
  const model = useView((state, now) => selectProof(state, now, route))
  if (model === null) return <Main label="Proof">Reading the systems.</Main>
  const { system } = model
  const tab = (title: string, part: ProofPart) => ({
    ...{ title, n: null, here: route.part === part },
    route: { ...anyProof, system, part },
  })
  return (
    <Main label="Proof">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-title font-display">Proof</h1>
        <span className="text-ink-3">{system}</span>
        <span className="ml-auto">
          <SystemPicker systems={model.systems} system={system} onChoose={(id) => go({ ...route, system: id })} />
        </span>
      </div>
      <p className="mt-1 text-small text-ink-2">
        Read anew when you open it and when a number changes. Nothing here changes anything by itself.
      </p>
      <PartTabs
        label="Parts of the proof"
        tabs={[tab('Ledgers', 'ledgers'), tab('Time limit', 'limits'), tab('Heartbeats', 'heartbeats')]}
      />
      <Part key={system} model={model} part={route.part} />
    </Main>
  )
}

function Part({ model, part }: { model: ProofModel; part: ProofPart }) {
  switch (part) {
    case 'ledgers':
      return model.hasBroker ? (
        <LedgerPanel model={model} />
      ) : (
        <p className="py-4 text-ink-3">This system has no broker: its database is the only ledger there is.</p>
      )
    case 'limits':
      return model.hasLengths ? (
        <LimitPanel model={model} />
      ) : (
        <p className="py-4 text-ink-3">Jobs of this system have no length that would say how long they take.</p>
      )
    case 'heartbeats':
      return <HeartbeatChart beats={model.beats} />
  }
}
