// The bundle that this page shows, asked once: a page never changes from the world to a bundle.
import type { Replay } from '../electron/contract/bundle.ts'
import { useAnswer } from './services.tsx'

export function useReplay(): Replay | null {
  return useAnswer('replay', 'Ask for the bundle', (client, signal) => client.history.replay({}, { signal })).value
}
