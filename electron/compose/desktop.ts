// Whether a desktop window can be opened here: Electron's program, and a display to show it on.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type DesktopReady = { can: true; program: string } | { can: false; because: string }

/** Looks for files and variables only; Electron's own package would start a download when asked. */
export function desktopReady(
  root: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): DesktopReady {
  const program = electronProgram(root, env)
  if (program === null) return { can: false, because: "Electron's program is not installed" }
  if (!hasDisplay(env, platform)) return { can: false, because: 'There is no display' }
  return { can: true, program }
}

/** A window needs a display server on Linux; a Windows service session has none either. */
export function hasDisplay(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (platform === 'win32') return env.SESSIONNAME !== undefined && env.SESSIONNAME !== 'Services'
  if (platform === 'darwin') return env.SSH_CONNECTION === undefined
  return Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY)
}

/** As node_modules/electron/index.js finds it: path.txt names the program inside dist. */
function electronProgram(root: string, env: Readonly<Record<string, string | undefined>>): string | null {
  const home = join(root, 'node_modules', 'electron')
  const named = join(home, 'path.txt')
  const inside = existsSync(named) ? readFileSync(named, 'utf8').trim() : null
  const override = env.ELECTRON_OVERRIDE_DIST_PATH
  if (override === undefined && inside === null) return null
  const program = override === undefined ? join(home, 'dist', inside ?? '') : join(override, inside ?? 'electron')
  return existsSync(program) ? program : null
}
