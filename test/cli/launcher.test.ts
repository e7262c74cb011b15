// electron/unjam.mjs under an older Node: the same output, exit code and signals as under Node 24.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const launcher = join(root, 'electron/unjam.mjs')
/** Makes this Node say it is version 20, which is what makes the launcher hand over. */
const older = ['--import', `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.1.0'})`]
const folder = mkdtempSync(join(tmpdir(), 'unjam-launcher-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (node: string[], args: string[]) =>
  spawnSync(process.execPath, [...node, ...args], { encoding: 'utf8', timeout: 120_000 })

test('an unknown command has the same sentence and exit code 64 in both', () => {
  const here = run([], [launcher, 'stauts'])
  const handedOver = run(older, [launcher, 'stauts'])
  expect(handedOver.status).toBe(64)
  expect(here.status).toBe(64)
  expect(handedOver.stderr).toBe(here.stderr)
  expect(handedOver.stderr).toContain('unjam status is the nearest')
})

test('arguments and stdout pass through unchanged', () => {
  const { stdout, stderr, status } = run(older, [launcher, '--version', '--json'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
})

test('without a Node 24 of its own it says in one sentence what to do', () => {
  mkdirSync(join(folder, 'electron'), { recursive: true })
  cpSync(launcher, join(folder, 'electron/unjam.mjs'))
  const { stderr, status } = run(older, [join(folder, 'electron/unjam.mjs'), 'status'])
  expect(status).toBe(70)
  expect(stderr).toMatch(/^Unjam needs Node 24 or newer, this is .*: run npm ci in .*\.\n$/)
})

/** A copy of the launcher whose command is this script, run by the project's own Node. */
function withCommand(script: string): string {
  const home = mkdtempSync(join(folder, 'home-'))
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const bin = join(home, 'node_modules', `node-${platform}-${process.arch}`, 'bin')
  mkdirSync(bin, { recursive: true })
  mkdirSync(join(home, 'electron'))
  cpSync(process.execPath, join(bin, process.platform === 'win32' ? 'node.exe' : 'node'))
  cpSync(launcher, join(home, 'electron/unjam.mjs'))
  writeFileSync(join(home, 'electron/cli.ts'), script)
  return join(home, 'electron/unjam.mjs')
}

const patient = `
const alive = setInterval(() => undefined, 1000)
process.on('SIGTERM', () => { console.log('asked to end'); clearInterval(alive); process.exit(7) })
process.on('disconnect', () => { console.error('left alone'); process.exit(8) })
console.log('ready')
`

test('SIGTERM reaches the command, whose exit code becomes the launcher’s', async () => {
  const child = spawn(process.execPath, [...older, withCommand(patient)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said === 'ready\n') child.kill('SIGTERM')
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect({ code, said }).toEqual({ code: 7, said: 'ready\nasked to end\n' })
})

test('a launcher that is killed leaves no command behind', async () => {
  const child = spawn(process.execPath, [...older, withCommand(patient)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said === 'ready\n') child.kill('SIGKILL')
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  // 'close' comes when the command too has closed its ends of the pipes.
  await new Promise((resolve) => child.once('close', resolve))
  expect(said).toBe('ready\nleft alone\n')
})
