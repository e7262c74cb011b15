// Everybody who takes jobs: Celery workers of every system, and the worker of this computer.
import { useEffect } from 'react'
import { CeleryWorkers } from '../parts/celery-workers.tsx'
import { LocalWorker } from '../parts/local-worker.tsx'
import { Main } from '../parts/main.tsx'
import { celerySentence, selectCelery } from '../select-celery.ts'
import { selectWorker } from '../select-worker.ts'
import { useView } from '../services.tsx'

export function WorkersView({ part }: { part: 'models' | null }) {
  const model = useView((state, now) => ({ celery: selectCelery(state, now), local: selectWorker(state, now) }))
  const ready = model.local !== null
  useEffect(() => {
    if (part === 'models' && ready) document.getElementById('models')?.scrollIntoView({ block: 'start' })
  }, [part, ready])
  if (model.local === null) return <Main label="Workers">Reading the workers.</Main>
  if (model.celery.systems === 0)
    return (
      <Main label="Workers">
        <LocalWorker model={model.local} alone />
      </Main>
    )
  return (
    <Main label="Workers">
      <div className="flex items-center gap-3">
        <h1 className="text-title font-display">Workers</h1>
        <span className="text-ink-3">{celerySentence(model.celery)}</span>
      </div>
      <CeleryWorkers model={model.celery} />
      {model.local.present && <LocalWorker model={model.local} alone={false} />}
    </Main>
  )
}
