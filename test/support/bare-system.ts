// A system of jobs alone, or with whatever a test puts beside them.
import type { JobSystem } from '../../electron/core/ports/jobs.ts'
import type { System } from '../../electron/core/ports/system.ts'

export function bareSystem(jobs: JobSystem, parts: Partial<System> = {}): System {
  return {
    id: jobs.id,
    kind: jobs.kind,
    jobs,
    broker: null,
    stack: null,
    env: null,
    api: null,
    dependencies: null,
    recovery: null,
    close: () => jobs.close(),
    ...parts,
  }
}
