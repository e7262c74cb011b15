// What a pipeline leans on: asked seldom, because each answer makes the service ask others.
import type { Dependency, Reading } from '../contract/snapshot.ts'
import type { System } from './ports/system.ts'
import type { Source } from './source.ts'
import type { Sourcing } from './watch-parts.ts'

const EVERY_MS = 15_000

interface DependencyWatch {
  readonly sources: readonly { source: Source<unknown>; everyMs: number }[]
  reading(): Reading<Dependency[]> | null
}

export function watchDependencies({ dependencies }: System, source: Sourcing): DependencyWatch {
  if (dependencies === null) return { sources: [], reading: () => null }
  const health = source('Read the dependencies', async (signal) => [...(await dependencies.read(signal))])
  return { sources: [{ source: health, everyMs: EVERY_MS }], reading: () => health.reading() }
}
