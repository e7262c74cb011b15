// The distributions of WSL on this machine: a stack that was started inside one has its files there.
import { execFile } from 'node:child_process'

const ASK_MS = 5000

/** None on other systems, where WSL is not installed, and for an account that has none (they are per user). */
export function wslDistributions(platform: NodeJS.Platform = process.platform): Promise<readonly string[]> {
  if (platform !== 'win32') return Promise.resolve([])
  return new Promise((resolve) => {
    const options = { encoding: 'utf16le' as const, timeout: ASK_MS, windowsHide: true }
    execFile('wsl.exe', ['--list', '--quiet'], options, (error, names) => {
      resolve(error === null ? names.split(/\r?\n/).filter((name) => name !== '') : [])
    })
  })
}
