// Vitest's global setup: the folder for this run's Postgres, and the surety that nothing of it stays behind.
import { guardServer } from './postgres-guard.ts'

export default function setup(): () => Promise<void> {
  const guard = guardServer()
  return () => guard.end()
}
