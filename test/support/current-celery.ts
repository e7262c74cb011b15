// Celery's current release from PyPI beside Debian's: installed once per machine, reported where it is unavailable.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const VERSION = '5.7.0'
const CACHE = join(homedir(), '.cache', 'unjam-tests')

export interface CurrentCelery {
  readonly version: string
  /** To be set as `env` of `CeleryOptions`: this Celery is found before Debian's. */
  readonly env: Readonly<Record<string, string>>
}

/** null where PyPI cannot be reached or Python has no pip; the reason is printed. Never fails. */
export async function currentCelery(): Promise<CurrentCelery | null> {
  const folder = join(CACHE, `celery-${VERSION}`)
  if (!existsSync(folder)) {
    const problem = await install(folder)
    if (problem !== null) {
      console.log(`skipped: no Celery ${VERSION} from PyPI, so the suite of watching with it (${problem})`)
      return null
    }
  }
  const app = join(import.meta.dirname, 'celery-app')
  return { version: VERSION, env: { PYTHONPATH: `${folder}:${app}` } }
}

/** Into a folder of its own, not into the system's Python. Two test files may install at the same time. */
async function install(folder: string): Promise<string | null> {
  let target = ''
  try {
    mkdirSync(CACHE, { recursive: true })
    target = mkdtempSync(join(CACHE, 'installing-'))
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check']
    const limits = ['--retries', '1', '--timeout', '10']
    await run('/usr/bin/python3', [...pip, ...limits, '--target', target, `celery[redis]==${VERSION}`], {
      timeout: 180_000,
    })
    if (!existsSync(folder)) renameSync(target, folder)
    return null
  } catch (error) {
    if (existsSync(folder)) return null
    return (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? 'pip failed'
  } finally {
    if (target !== '') rmSync(target, { recursive: true, force: true })
  }
}
