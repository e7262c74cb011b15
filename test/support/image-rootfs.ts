// The files of installed Debian packages and everything they depend on: the root of an image, without a registry.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export interface Rootfs {
  /** Paths on this machine, none inside a linked folder, none of documentation. */
  readonly files: readonly string[]
  /** Of the packages and their versions. */
  readonly digest: string
}

/** Throws with the name of a package that is not installed. */
export function rootfsOf(wanted: readonly string[]): Rootfs {
  const installed = readInstalled()
  const chosen = new Map<string, string>()
  const take = (name: string): boolean => {
    const one = installed.get(name)
    if (one === undefined) return false
    if (chosen.has(one.name)) return true
    chosen.set(one.name, one.version)
    // Of alternatives (`a | b`) the first that is here; a virtual package is whoever provides it.
    for (const choices of one.needs) choices.some(take)
    return true
  }
  for (const name of wanted) if (!take(name)) throw new Error(`the Debian package ${name} is not installed`)
  const list = spawnSync('dpkg', ['-L', ...chosen.keys()], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout
  const files = new Set<string>()
  for (const path of list.split('\n')) {
    // Links like /bin are the image's own.
    if (!path.startsWith('/') || dirname(path) === '/' || /^\/usr\/share\/(doc|man|locale|info|lintian)\//.test(path))
      continue
    const status = lstatSync(path, { throwIfNoEntry: false })
    if (status === undefined || status.isDirectory()) continue
    // Packages say /lib/…, which is a link to /usr/lib here.
    const real = join(realpathSync(dirname(path)), basename(path))
    files.add(real)
    const compiled = real.endsWith('.py') ? compiledOf(real) : null
    if (compiled !== null) files.add(compiled)
  }
  const digest = createHash('sha256')
    .update(JSON.stringify([...chosen].sort()))
    .digest('hex')
    .slice(0, 12)
  return { files: [...files].sort(), digest }
}

interface Package {
  readonly name: string
  readonly version: string
  readonly needs: readonly (readonly string[])[]
}

/** By name and by every name it provides. */
function readInstalled(): Map<string, Package> {
  const fields = ['Package', 'Version', 'Pre-Depends', 'Depends', 'Provides', 'db:Status-Status']
  const format = fields.map((field) => `$\{${field}}`).join('\\t')
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', `${format}\\n`], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const all = new Map<string, Package>()
  const names = (text: string) => text.split(/\s*[,|]\s*/).map((one) => one.replace(/[\s:(].*$/, ''))
  for (const line of stdout.split('\n')) {
    const [name = '', version = '', before = '', needs = '', provides = '', status] = line.split('\t')
    if (status !== 'installed') continue
    const one = {
      name,
      version,
      needs: `${before},${needs}`.split(',').map((choices) => names(choices.trim()).filter(Boolean)),
    }
    all.set(name, one)
    for (const other of names(provides).filter(Boolean)) if (!all.has(other)) all.set(other, one)
  }
  return all
}

/** Python compiles at installation; without these files every start in a container would compile again. */
function compiledOf(source: string): string | null {
  const tag = 'cpython-311'
  const path = join(dirname(source), '__pycache__', basename(source).replace(/\.py$/, `.${tag}.pyc`))
  return existsSync(path) ? path : null
}
