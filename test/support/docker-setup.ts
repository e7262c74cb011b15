// Vitest's global setup: the folder for this run's dockerd, and the surety that nothing of it stays behind.
import { dockerMissing, guardDocker } from './dockerd.ts'

export default function setup(): (() => Promise<void>) | undefined {
  if (dockerMissing() !== null) return undefined
  const guard = guardDocker()
  return () => guard.end()
}
