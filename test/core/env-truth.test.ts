// The .env editor against the programs that read the file: docker compose, in whichever versions this machine has.
import { execFile, execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { editEnv, parseEnv } from '../../electron/core/env-text.ts'
import { composeCli } from '../support/compose-cli.ts'
import { envFiles, envKeys, envValues } from '../support/env-files.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterAll(folders.remove)
const run = promisify(execFile)
const KEYS = ['ALPHA', 'BRAVO', 'CHARLIE', 'DELTA', 'ECHO_2']
/** A variable in the tester's own shell would beat the file, or lead compose to another one. */
const env: Record<string, string | undefined> = Object.fromEntries(
  Object.entries(process.env).filter(([key]) => !KEYS.includes(key) && !key.startsWith('COMPOSE_')),
)
const v2 = composeCli('v2')
Object.assign(env, v2?.env)
const environment = Object.fromEntries(KEYS.map((key) => [key, `\${${key}-}`]))
const services = { a: { image: 'none', environment } }

function there(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What compose reads out of a .env, in a folder of this call alone; its output writes every `$` twice. */
async function read(text: string, program: string, ...args: string[]): Promise<Record<string, string>> {
  const folder = folders.path()
  writeFileSync(join(folder, 'docker-compose.yml'), JSON.stringify({ version: '3.8', services }))
  writeFileSync(join(folder, '.env'), text)
  const { stdout } = await run(program, args, { cwd: folder, env })
  const values = parse(stdout).services.a.environment as Record<string, string>
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.replaceAll('$$', '$')]))
}

const cases = fc.tuple(envFiles, fc.dictionary(envKeys, fc.option(envValues), { minKeys: 1, maxKeys: 3 }))

test.skipIf(v2 === null)('docker compose v2 reads every value as Unjam does, before and after an edit', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([text, changes]) => {
      for (const one of [text, editEnv(text, changes).text]) {
        const ours = Object.fromEntries(KEYS.map((key) => [key, parseEnv(one).values.get(key) ?? '']))
        expect(await read(one, 'docker', 'compose', 'config', '--format', 'json')).toEqual(ours)
      }
    }),
    // No time limit: fast-check would return at once and leave the call under way to run beside the next test.
    { numRuns: 25 },
  )
})

/** compose v1's own reader, many files in one process: the program itself takes a second for each. */
const READER = `
import json, sys
from compose.config.environment import env_vars_from_file
out = []
for text in json.load(sys.stdin):
    with open(sys.argv[1], 'w', encoding='utf-8', newline='') as file:
        file.write(text)
    out.append(env_vars_from_file(sys.argv[1]))
json.dump(out, sys.stdout)
`
/** A value that v1 reads differently can take the lines behind it along. */
const warned = (warnings: readonly string[]) => warnings.some((line) => line.includes('docker-compose v1'))

test.skipIf(!there('/usr/bin/python3', '-c', 'import compose'))(
  'docker-compose v1 reads what Unjam wrote, unless Unjam warned',
  () => {
    const edits = fc.sample(cases, 400).map(([text, changes]) => ({ changes, ...editEnv(text, changes) }))
    const found: Record<string, string>[] = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', READER, join(folders.path(), 'one.env')], {
        stdio: ['pipe', 'pipe', 'ignore'],
        input: JSON.stringify(edits.map(({ text }) => text)),
        env,
        encoding: 'utf8',
      }),
    )
    for (const [n, { text, changes, warnings }] of edits.entries()) {
      if (warned(warnings)) continue
      for (const [key, value] of Object.entries(changes))
        expect([text, key, found[n]?.[key] ?? null]).toEqual([text, key, value])
    }
  },
)

test.skipIf(!there('docker-compose', 'version'))('docker-compose v1 itself, once', async () => {
  const { text } = editEnv('\uFEFFALPHA=1\r\n# BRAVO=2\r\n', {
    ALPHA: "it's 7200",
    BRAVO: '\\\\srv\\x',
    CHARLIE: 'a # b',
  })
  expect(await read(text, 'docker-compose', 'config')).toMatchObject({
    ALPHA: "it's 7200",
    BRAVO: '\\\\srv\\x',
    CHARLIE: 'a # b',
  })
})
