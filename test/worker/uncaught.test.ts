// An error that nobody caught ends a supervised worker with its reason as the last line of stderr: its state is in doubt.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const main = join(import.meta.dirname, '../../worker/main.ts')

test.each([
  ['an exception', 'setTimeout(()=>{throw new Error("boom")},1)'],
  ['a rejection', 'setTimeout(()=>{Promise.reject(new Error("boom"))},1)'],
])('%s', async (_name, script) => {
  const ended = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
    // Its stdin stays open: as long as nothing fails it waits to be configured.
    const preload = `data:text/javascript,${encodeURIComponent(script)}`
    const child = execFile(process.execPath, ['--import', preload, main], (_error, _stdout, stderr) =>
      resolve({ code: child.exitCode, stderr }),
    )
  })
  expect(ended.stderr.trimEnd().split('\n').at(-1)).toBe('An internal error ended the worker: boom')
  expect(ended.code).toBe(70)
})
