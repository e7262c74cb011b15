// A system of jobs alone, or with whatever a test puts beside them.
import type { JobSystem, System } from '../../electron/core/ports.ts'

export function bareSystem(jobs: JobSystem, parts: Partial<System> = {}): System {
  return {
    id: jobs.id,
    kind: jobs.kind,
    jobs,
    broker: null,
    stack: null,
    env: null,
    api: null,
    close: () => jobs.close(),
    ...parts,
  }
}
