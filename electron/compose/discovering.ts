// Found stacks beside the form: their passwords stay here, under the `secret:` names that their proposals carry.
import { discoverStacks, type Found } from '../adapters/docker/discover.ts'
import type { SystemSettings } from '../contract/settings.ts'
import type { Connecting } from '../core/api.ts'
import { valuesOf } from './unmask.ts'

/** Everything of `Connecting`; a draft that names a found secret is tried and saved with its value. */
export function discovering(
  connecting: Omit<Connecting, 'discover'>,
  discover: (docker: string | undefined, signal: AbortSignal) => Promise<Found[]> = (docker, signal) =>
    discoverStacks({ docker }, signal),
): Connecting {
  const kept = new Map<string, string>()

  const known = (value: string) => (value.startsWith('secret:') ? kept.get(value.slice('secret:'.length)) : undefined)

  function whole(draft: SystemSettings): SystemSettings {
    const values = Object.entries(valuesOf(draft)).flatMap(([part, value]) => {
      const secret = known(value)
      return secret === undefined ? [] : [[part, secret] as const]
    })
    return { ...draft, ...Object.fromEntries(values) }
  }

  return {
    ...connecting,
    async discover(docker, signal) {
      const found = await discover(docker, signal)
      for (const { secrets } of found) for (const [name, value] of Object.entries(secrets)) kept.set(name, value)
      return found.map(({ discovery }) => discovery)
    },
    test: (draft, signal) => connecting.test(whole(draft), signal),
    mapping: (database, system, signal) => connecting.mapping(known(database) ?? database, system, signal),
    runsMapping: (database, system, signal) => connecting.runsMapping(known(database) ?? database, system, signal),
    save: (draft, replaces) => connecting.save(whole(draft), replaces),
  }
}
