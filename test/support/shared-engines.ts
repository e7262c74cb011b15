// Playwright's global setup: one Postgres and one dockerd for all workers of the run, each started by the first that needs it.
import { dockerMissing, guardDocker } from './dockerd.ts'
import { guardServer } from './postgres-guard.ts'

export default function setup(): () => Promise<void> {
  // Each tells its folder to the workers through the environment, and removes what is in it however the run ends.
  const guards = [guardServer(), ...(dockerMissing() === null ? [guardDocker()] : [])]
  return async () => {
    await Promise.all(guards.map((guard) => guard.end()))
  }
}
