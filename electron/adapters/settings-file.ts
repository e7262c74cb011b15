// settings.json: read with tolerance, written in one step, unknown keys kept, nothing in it ever lost.
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { FailureError } from '../contract/failure.ts'
import { isSecretField } from '../contract/secrets/key-names.ts'
import { MASK } from '../contract/secrets/mask.ts'
import { maskUrl, passwordsIn } from '../contract/secrets/url-display.ts'
import { Settings, SettingsPatch } from '../contract/settings.ts'
import { resolveSecret } from './secrets.ts'
import { fault, readSettings } from './settings-faults.ts'
import { writeAtomic } from './write-atomic.ts'

export interface SettingsFile {
  get(): Settings
  /** Changes what the patch names and nothing else, on top of what the file holds now. */
  update(patch: SettingsPatch): Promise<Settings>
  /** The list of systems as the file has it, unknown keys and unusable entries included, made into another. */
  updateSystems(change: (systems: readonly unknown[]) => readonly unknown[]): Promise<Settings>
  /** What a person should be told once: a file set aside, a value that is not used. */
  readonly notices: string[]
  onChange(listener: () => void): () => void
  /** Every secret value the settings carry or refer to, for the log's mask. */
  secrets(): readonly string[]
}

type Tree = Record<string, unknown>

export function openSettings(dataDir: string): SettingsFile {
  const file = join(dataDir, 'settings.json')
  const notices: string[] = []
  const listeners = new Set<() => void>()
  // The file's own tree, with all that this version does not know: every write starts from it.
  let tree: Tree = load() ?? {}
  let settings = accept(tree)
  let turn: Promise<unknown> = Promise.resolve()

  function load(): Tree | null {
    if (!existsSync(file)) return null
    const text = readText(file)
    const parsed = parse(text)
    if (parsed !== null) return parsed
    const aside = `${file}.corrupt-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
    try {
      renameSync(file, aside)
      notices.push(`settings.json could not be read and was set aside as ${aside}; the defaults are used.`)
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error)
      notices.push(`settings.json could not be read, nor set aside (${because}); the defaults are used.`)
    }
    return null
  }

  function accept(raw: Tree): Settings {
    const read = readSettings(raw)
    for (const one of read.faults) notices.push(`In settings.json, ${one} It is not used until it is corrected.`)
    return read.settings
  }

  async function apply(patch: SettingsPatch): Promise<Settings> {
    const checked = SettingsPatch.safeParse(patch)
    if (!checked.success) {
      throw new FailureError({
        kind: 'invalid',
        tried: 'Change the settings',
        on: file,
        because: checked.error.issues.map((issue) => fault(issue, patch).slice(0, -1)).join('; '),
        remedy: 'Nothing was changed.',
      })
    }
    return replace((base) => merge(base, checked.data))
  }

  async function replace(change: (base: Tree) => Tree): Promise<Settings> {
    // An administrator may have edited the file meanwhile: theirs is the base, not our memory of it.
    const next = change(load() ?? tree)
    try {
      await writeAtomic(file, `${JSON.stringify(next, null, 2)}\n`, 0o600)
    } catch (error) {
      throw new FailureError(
        {
          kind: 'refused',
          tried: 'Save the settings',
          on: file,
          because: error instanceof Error ? error.message : String(error),
          remedy: 'Close programs that hold the file, and check that this user may write to its folder.',
        },
        { cause: error },
      )
    }
    tree = next
    settings = readSettings(next).settings
    for (const listener of listeners) listener()
    return settings
  }

  /** One at a time, so that two changes at once both stay; a failed one does not stop the next. */
  function inTurn(work: () => Promise<Settings>): Promise<Settings> {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  return {
    get: () => settings,
    update: (patch) => inTurn(() => apply(patch)),
    updateSystems: (change) =>
      inTurn(() => replace((base) => ({ ...base, systems: change(Array.isArray(base.systems) ? base.systems : []) }))),
    notices,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    secrets: () => secretsIn(settings, dataDir),
  }
}

/** The settings as they may be shown: passwords and tokens masked, references to secrets as they stand. */
export function maskSecrets(settings: Settings): Settings {
  return Settings.parse(mapText(settings, masked))
}

function masked(text: string, key: string): string {
  if (/^(env|secret):/.test(text)) return text
  return isSecretField(key, text) ? MASK : maskUrl(text)
}

function secretsIn(settings: Settings, dataDir: string): string[] {
  const found = new Set<string>()
  mapText(settings, (text, key) => {
    const value = /^(env|secret):/.test(text) ? resolved(text, dataDir) : text
    if (value === null) return text
    for (const password of passwordsIn(value)) found.add(password)
    if (isSecretField(key, text) || value !== text) found.add(value)
    return text
  })
  return [...found]
}

/** A secret that is not there cannot leak; whoever needs it says that it is missing. */
function resolved(reference: string, dataDir: string): string | null {
  try {
    return resolveSecret(reference, dataDir)
  } catch (error) {
    if (error instanceof FailureError) return null
    throw error
  }
}

/** `patch` over `base`, key by key. What came from a masked display keeps the value it stands for. */
function merge(base: Tree, patch: Tree): Tree {
  const next: Tree = { ...base }
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || key === '__proto__' || (typeof value === 'string' && value.includes(MASK))) continue
    const before = next[key]
    next[key] = isTree(value) ? merge(isTree(before) ? before : {}, value) : value
  }
  return next
}

function mapText(value: unknown, change: (text: string, key: string) => string, key = ''): unknown {
  if (typeof value === 'string') return change(value, key)
  if (Array.isArray(value)) return value.map((one) => mapText(one, change, key))
  if (!isTree(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapText(one, change, name)]))
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** null: not a JSON object. */
function parse(text: string): Tree | null {
  try {
    // Windows editors begin a file with a byte order mark.
    const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return isTree(parsed) ? parsed : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new FailureError(
      {
        kind: 'refused',
        tried: 'Read the settings',
        on: file,
        because: error instanceof Error ? error.message : String(error),
        remedy: 'Check that this user may read the file.',
      },
      { cause: error },
    )
  }
}
