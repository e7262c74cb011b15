// An error that nobody caught: isolated, logged and shown once by a host that runs; the end of a process that does not.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const main = join(import.meta.dirname, '../support/guarded-main.ts')

function run(mode: string, name: string): Promise<{ code: number; lines: string[] }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, mode, name], { encoding: 'utf8' }, (_error, stdout) =>
      resolve({ code: child.exitCode ?? -1, lines: stdout.split('\n').filter((line) => line !== '') }),
    )
  })
}
const all = ['timer', 'rejection', 'emitter', 'nothing', 'text', 'unreadable', 'storm', 'many']

describe('a guarded process', () => {
  test.each(all)('survives: %s', async (name) => {
    const { code, lines } = await run('guarded', name)
    expect(lines.at(-1)).toBe('alive')
    expect(code).toBe(0)
  })
  test.each(all)('survives with a log that cannot be written: %s', async (name) => {
    const { code, lines } = await run('full-disk', name)
    expect(lines.at(-1)).toBe('alive')
    expect(code).toBe(0)
  })
  test('names the kind and the place once, without the message', async () => {
    const { lines } = await run('guarded', 'emitter')
    expect(lines).toEqual([
      expect.stringMatching(
        /^log An internal error was isolated: Error ECONNRESET in guarded-main\.ts:\d+\. Unjam continues\.$/,
      ),
      expect.stringMatching(
        /^notice An internal error was isolated: Error ECONNRESET in guarded-main\.ts:\d+\. .*log\.$/,
      ),
      'alive',
    ])
  })
  test('logs what repeats at its 1st, 10th, 100th … occurrence, and shows it once', async () => {
    const { lines } = await run('guarded', 'storm')
    expect(lines.filter((line) => line.startsWith('notice'))).toHaveLength(1)
    const logged = lines.filter((line) => line.startsWith('log'))
    expect(logged.map((line) => /(\d+) times/.exec(line)?.[1] ?? '1')).toEqual(['1', '10', '100', '1000'])
  })
  test('tells a bounded number of kinds apart', async () => {
    const { lines } = await run('guarded', 'many')
    expect(lines.filter((line) => line.startsWith('notice'))).toHaveLength(51)
  })
})

test.each(all)('an unguarded process ends with an error, so that no failure to start is hidden: %s', async (name) => {
  const { code, lines } = await run('unguarded', name)
  expect(lines).not.toContain('alive')
  expect(code).not.toBe(0)
})
