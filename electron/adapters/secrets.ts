// Secrets by reference: env:NAME, secret:NAME in a file only its owner reads, or the value itself.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { FailureError } from '../contract/failure.ts'
import { writeAtomic } from './write-atomic.ts'

const SecretFile = z.record(z.string(), z.string())

/**
 * The value that `reference` means: `env:NAME` from the environment, `secret:NAME` from secrets.json in `dataDir`,
 * anything else as it stands. What is not there is a failure that names it.
 */
export function resolveSecret(reference: string, dataDir: string | null = null): string {
  if (reference.startsWith('env:')) return fromEnvironment(reference.slice('env:'.length))
  if (reference.startsWith('secret:')) return fromFile(reference.slice('secret:'.length), dataDir)
  return reference
}

let writing: Promise<unknown> = Promise.resolve()

/**
 * Changes entries of secrets.json (null takes one out), readable by its owner only, in one step; answers with what
 * puts them back. A file that cannot be read is left as it is.
 */
export function writeSecrets(
  dataDir: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<Record<string, string | null>> {
  const mine = writing.then(async () => {
    const file = join(dataDir, 'secrets.json')
    if (existsSync(file)) refuseOpenFile(file)
    const secrets = existsSync(file) ? parse(file) : {}
    const before: Record<string, string | null> = {}
    for (const [name, value] of Object.entries(changes)) {
      before[name] = Object.hasOwn(secrets, name) ? (secrets[name] ?? null) : null
      if (value === null) delete secrets[name]
      else secrets[name] = value
    }
    if (Object.keys(changes).some((name) => before[name] !== changes[name])) await save(file, secrets)
    return before
  })
  writing = mine.catch(() => undefined)
  return mine
}

async function save(file: string, secrets: z.output<typeof SecretFile>): Promise<void> {
  try {
    await writeAtomic(file, `${JSON.stringify(secrets, null, 2)}\n`, 0o600)
  } catch (error) {
    throw new FailureError(
      {
        kind: 'refused',
        tried: 'Keep a secret',
        on: file,
        because: error instanceof Error ? error.message : String(error),
        remedy: 'Close programs that hold the file, and check that this user may write to its folder.',
      },
      { cause: error },
    )
  }
}

function fromEnvironment(name: string): string {
  const value = process.env[name]
  if (value !== undefined && value !== '') return value
  throw new FailureError({
    kind: 'missing',
    tried: 'Read a secret',
    on: `env:${name}`,
    because: 'that environment variable is not set for Unjam',
    remedy: `Set ${name} for the account Unjam runs under, and start Unjam again.`,
  })
}

function fromFile(name: string, dataDir: string | null): string {
  const absent = (because: string, remedy: string): FailureError =>
    new FailureError({ kind: 'missing', tried: 'Read a secret', on: `secret:${name}`, because, remedy })
  if (dataDir === null) throw absent('no data directory is known here', 'Use env:NAME instead.')
  const file = join(dataDir, 'secrets.json')
  if (!existsSync(file))
    throw absent(`there is no ${file}`, `Create it, readable by its owner only, with {"${name}": "…"}.`)
  refuseOpenFile(file)
  const secrets = parse(file)
  const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined
  if (value === undefined || value === '') throw absent(`${file} has no "${name}"`, `Add "${name}" to it.`)
  return value
}

function parse(file: string): z.output<typeof SecretFile> {
  try {
    return SecretFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    // The parser's own message quotes what it read, and that may be a secret.
    throw new FailureError({
      kind: 'invalid',
      tried: 'Read the secrets',
      on: file,
      because: error instanceof SyntaxError ? 'it is not JSON' : 'it is not an object whose values are all text',
      remedy: 'It looks like {"NAME": "value"}.',
    })
  }
}

/** Others could read it: said, not repaired, because what has been read already stays read. */
function refuseOpenFile(file: string): void {
  if (process.platform === 'win32') return
  const mode = statSync(file).mode & 0o077
  if (mode === 0) return
  throw new FailureError({
    kind: 'refused',
    tried: 'Read the secrets',
    on: file,
    because: 'other users of this machine can read it',
    remedy: `Run chmod 600 ${file}, and change the secrets if others may have seen them.`,
  })
}
