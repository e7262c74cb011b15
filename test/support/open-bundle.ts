// A bundle as a fixture: an incident somebody handed over, as a core for tests.
import { readBundle } from '../../electron/compose/keep-history.ts'
import { type ReplayApi, replayApi } from '../../electron/compose/replay-api.ts'

export async function openBundle(path: string): Promise<ReplayApi> {
  return replayApi(await readBundle({ path }))
}
