// Celery workers with what can be done about the chosen one, and the tasks they hold.
import { useState } from 'react'
import { type CeleryLine, type CeleryModel, workerDeaf } from '../select-celery.ts'
import { type Act, ActBar } from './act-bar.tsx'
import { CeleryTable } from './celery-table.tsx'
import { TaskTable } from './task-table.tsx'

export function CeleryWorkers({ model }: { model: CeleryModel }) {
  const [at, setAt] = useState<string | null>(null)
  const { workers } = model
  // Who is not well is who something can be done about.
  const first = workers.find(({ worker }) => worker.state === 'hung') ?? workers[0]
  const chosen = workers.find(({ key }) => key === at) ?? first
  const heading = (
    <>
      <h2 className="font-semibold">Celery workers</h2>
      {chosen !== undefined && <span className="text-small text-ink-3 clip">{chosen.worker.name} is chosen</span>}
    </>
  )
  return (
    <section aria-label="Celery workers" className="mt-3">
      {chosen === undefined || chosen.worker.kind !== 'celery' ? (
        <div className="flex items-center min-h-[38px]">{heading}</div>
      ) : (
        <ActBar key={chosen.system} system={chosen.system} revision={model.revision} acts={actsOn(chosen)}>
          {heading}
        </ActBar>
      )}
      <div className="border-t border-line">
        {workers.length === 0 && model.blind.length === 0 ? (
          <p className="py-3 text-ink-3 border-b border-line">
            No worker of these systems has answered or sent a heartbeat since Unjam began.
          </p>
        ) : (
          <CeleryTable lines={workers} blind={model.blind} chosen={chosen?.key ?? null} onChoose={setAt} />
        )}
      </div>
      <TaskTable lines={model.tasks} />
    </section>
  )
}

function actsOn({ worker }: CeleryLine): Act[] {
  const ids = [worker.name]
  const hung = worker.state === 'hung'
  return [
    { id: 'resize-pool', label: 'Grow', key: '+', ids, params: { by: '1' }, nothing: workerDeaf('grow', worker) },
    { id: 'resize-pool', label: 'Shrink', key: '-', ids, params: { by: '-1' }, nothing: workerDeaf('shrink', worker) },
    // Its cure is of no interest beside a worker that answers.
    ...(hung ? [{ id: 'unhang-worker', label: 'Unhang', key: 'Enter', ids, primary: true } as const] : []),
  ]
}
