// What compose wrote on its containers, v1 and v2 (docker/compose pkg/api/labels.go), and what it says about files.
import { existsSync } from 'node:fs'
import { posix, win32 } from 'node:path'

const PREFIX = 'com.docker.compose.'
export const PROJECT_LABEL = `${PREFIX}project`

type Labels = Readonly<Record<string, string>>

export interface ComposeLabels {
  readonly project: string
  readonly service: string
  readonly number: number
  readonly workingDir: string
  /** Absolute, as the compose command saw them: v1 writes them relative to the working directory. */
  readonly configFiles: readonly string[]
  /** Only where `--env-file` was used. */
  readonly envFile: string | null
}

/** null for containers that are no service's: foreign ones, and one-off `compose run`. */
export function composeLabels(labels: Labels | undefined | null): ComposeLabels | null {
  const read = (name: string) => labels?.[`${PREFIX}${name}`] ?? ''
  const project = read('project')
  const service = read('service')
  if (project === '' || service === '' || read('oneoff').toLowerCase() === 'true') return null
  const workingDir = read('project.working_dir')
  const absolute = (path: string) => resolveIn(workingDir, path)
  const envFile = read('project.environment_file')
  return {
    project,
    service,
    number: Number.parseInt(read('container-number') || '1', 10) || 1,
    workingDir,
    configFiles: read('project.config_files').split(',').filter(Boolean).map(absolute),
    envFile: envFile === '' ? null : absolute(envFile.split(',')[0] ?? envFile),
  }
}

/** The filter for every container of a project. */
export function ofProject(project: string): { label: string[] } {
  return { label: [`${PROJECT_LABEL}=${project}`] }
}

/** Paths of the machine that ran compose, which need not be this one: its own separators decide. */
export function resolveIn(folder: string, path: string): string {
  const style = /^[a-z]:[\\/]|^\\\\/i.test(folder) ? win32 : posix
  return style.isAbsolute(path) || win32.isAbsolute(path) ? path : style.join(folder, path)
}

/**
 * The same path on this machine: compose inside WSL writes `/mnt/c/app` for what Windows calls `C:\app`, and `/home/…`
 * for what Windows sees under its distribution; Docker Desktop has drives and the Mac's folders under names of its own.
 * null when it is not here.
 */
export function hereAs(
  path: string,
  platform: NodeJS.Platform = process.platform,
  exists: (path: string) => boolean = existsSync,
  distributions: readonly string[] = [],
): string | null {
  return candidates(path, platform, distributions).find(exists) ?? null
}

function candidates(path: string, platform: NodeJS.Platform, distributions: readonly string[]): readonly string[] {
  if (platform === 'darwin') return [path, path.replace(/^\/host_mnt\//, '/')]
  if (platform !== 'win32' || !path.startsWith('/')) return [path]
  const [, drive, rest] = /^\/(?:mnt|host_mnt|run\/desktop\/mnt\/host)\/([a-z])(\/.*)?$/i.exec(path) ?? []
  if (drive !== undefined) return [`${drive.toUpperCase()}:${(rest ?? '\\').replaceAll('/', '\\')}`]
  return distributions.map((name) => `\\\\wsl.localhost\\${name}${path.replaceAll('/', '\\')}`)
}
