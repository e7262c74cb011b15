// Setting up systems: drafts tried, mappings proposed, the settings' list changed, passwords moved into secrets.json.
import { openPool, type Queryable } from '../../worker/store/pool.ts'
import { proposeRuns } from '../adapters/crawl/propose-runs.ts'
import { toFailureError } from '../adapters/postgres/failures.ts'
import { proposeMappings } from '../adapters/postgres/propose-mapping.ts'
import { resolveSecret, writeSecrets } from '../adapters/secrets.ts'
import { maskSecrets, type SettingsFile } from '../adapters/settings-file.ts'
import { FailureError } from '../contract/failure.ts'
import type { SystemId } from '../contract/job.ts'
import { encodeUserinfo } from '../contract/secrets/encode-userinfo.ts'
import { maskUrl } from '../contract/secrets/url-display.ts'
import type { Settings, SystemSettings } from '../contract/settings.ts'
import type { Connecting } from '../core/api.ts'
import { entryOf, idOf, keptFrom } from './system-entry.ts'
import { type Probes, testSystem } from './test-system.ts'
import { carriesSecret, type Draft, secretParts, unmasked, unmaskedValue, valuesOf } from './unmask.ts'

export interface ConnectingParts {
  readonly dataDir: string
  readonly settings: SettingsFile
  readonly probes: Probes
}

const LOOK_MS = 20_000

/** Everything of `Connecting` but finding what runs on this machine. */
export function connecting({ dataDir, settings, probes }: ConnectingParts): Omit<Connecting, 'discover'> {
  const resolve = (value: string) => resolveSecret(value, dataDir)
  const configured = (id: SystemId | null) => settings.get().systems.find((system) => system.id === id)

  /** With the password that the form's mask stands for. */
  function whole(database: string, system: SystemId | null): string {
    const before = configured(system)
    const stored = before === undefined ? undefined : valuesOf(before).database
    return resolve(unmaskedValue('database', database, stored))
  }

  async function save(draft: SystemSettings, replaces: SystemId | null): Promise<Settings> {
    const before = configured(replaces)
    const whole = unmasked(draft, before)
    const { stored, secrets } = withoutSecrets(whole)
    const backOut = await writeSecrets(dataDir, secrets)
    try {
      await settings.updateSystems((systems) => placed(systems, stored, replaces))
    } catch (error) {
      // The old settings must not find a new password behind the same name.
      await writeSecrets(dataDir, backOut)
      throw error
    }
    await forgetSecrets(replaces)
    return maskSecrets(settings.get())
  }

  /** Secrets of Unjam's own making for this system that no settings name any more. */
  async function forgetSecrets(id: SystemId | null): Promise<void> {
    if (id === null) return
    const named = new Set(settings.get().systems.flatMap((system) => Object.values(valuesOf(system))))
    const gone = secretParts.map((part) => `${id}-${part}`).filter((name) => !named.has(`secret:${name}`))
    await writeSecrets(dataDir, Object.fromEntries(gone.map((name) => [name, null])))
  }

  return {
    test(draft, signal) {
      return testSystem(unmasked(draft, configured(draft.id)), resolve, probes, signal)
    },

    async mapping(database, system, signal) {
      return look('Look for a table of jobs', whole(database, system), proposeMappings, signal)
    },

    async runsMapping(database, system, signal) {
      return look('Look for tables of crawl runs', whole(database, system), proposeRuns, signal)
    },

    save,

    async remove(id) {
      await settings.updateSystems((systems) => {
        if (!systems.some((one) => idOf(one) === id)) throw noSuch('Remove the system', id)
        return systems.filter((one) => idOf(one) !== id)
      })
      await forgetSecrets(id)
      return maskSecrets(settings.get())
    },
  }
}

async function look<Proposal>(
  tried: string,
  url: string,
  propose: (db: Queryable, machineZone: string) => Promise<Proposal[]>,
  signal: AbortSignal,
): Promise<Proposal[]> {
  const on = maskUrl(url)
  const pool = openPool(encodeUserinfo(url), 1, () => undefined)
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const found = pool.transaction(LOOK_MS, (db) => propose(db, zone), 'UTC')
    return await Promise.race([found, stopped])
  } catch (error) {
    throw toFailureError(error, tried, on)
  } finally {
    signal.removeEventListener('abort', stop)
    void pool.close().catch(() => undefined)
  }
}

/** The entry for settings.json, and what goes into secrets.json: `secret:<id>-<part>`. */
function withoutSecrets(system: Draft): { stored: Draft; secrets: Record<string, string> } {
  const secrets: Record<string, string> = {}
  const references: Record<string, string> = {}
  for (const part of secretParts) {
    const value = valuesOf(system)[part]
    if (value === undefined || !carriesSecret(part, value)) continue
    const name = `${system.id}-${part}`
    secrets[name] = value
    references[part] = `secret:${name}`
  }
  return { stored: { ...system, ...references }, secrets }
}

/** In the place of the one it replaces, or at the end; the local system, which an empty list means, stays. */
function placed(systems: readonly unknown[], draft: Draft, replaces: SystemId | null): unknown[] {
  if (systems.some((one) => idOf(one) === draft.id && idOf(one) !== replaces))
    throw new FailureError({
      kind: 'invalid',
      tried: 'Save the system',
      on: draft.id,
      because: 'another system has that name already',
      remedy: 'Choose another name; nothing was changed.',
    })
  const listed: readonly unknown[] = systems.length === 0 ? [{ id: 'local', kind: 'local' }] : systems
  if (replaces === null) return [...listed.filter((one) => idOf(one) !== draft.id), entryOf(draft)]
  if (!listed.some((one) => idOf(one) === replaces)) throw noSuch('Save the system', replaces)
  return listed.map((one) => (idOf(one) === replaces ? { ...keptFrom(one), ...entryOf(draft) } : one))
}

function noSuch(tried: string, id: SystemId): FailureError {
  return new FailureError({
    kind: 'missing',
    tried,
    on: id,
    because: 'the settings have no such system (any more)',
    remedy: 'Nothing was changed.',
  })
}
