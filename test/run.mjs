// `npm test`: the engines that a fresh machine needs, then every stage whether or not another failed, and one closing line.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { composeTwo, installEngines, missingEngines, missingExtras } from './engines.mjs'
import { fail, interruptedBy, results, stage } from './stages.mjs'
import { sumUp } from './tally.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const ci = process.env.CI === 'true'
const reports = mkdtempSync(join(tmpdir(), 'unjam-test-reports-'))
const node = process.execPath
const bin = (name) => join(root, 'node_modules', name)
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const missing = await engines()
const lacks = (name) => (missing.some((one) => one.name === name) ? `there is no ${name} here` : null)
const env = {}
const compose = await composeTwo(stage)
if (compose === null) {
  console.log('skipped: no Docker Compose 2, so its half of the stack suites')
  if (ci) fail('Docker Compose 2', 'Under CI=true every engine is required.')
} else env.UNJAM_DOCKER_CONFIG = compose

// The compiler of whisper.cpp leaves gaps, in its configuration and at its end; the short stages fit in.
const [whisper, bundles] = await Promise.all([
  stage('whisper.cpp', node, [join(root, 'test/support/build-engine.ts')], { skip: lacks('whisper.cpp') }),
  (async () => {
    const together = true
    await stage('types', node, [bin('typescript/bin/tsc'), '-p', '.'], { together })
    await stage('lint', node, [bin('@biomejs/biome/bin/biome'), 'ci', '--colors=off', '.'], { together })
    return stage('bundles', node, [bin('vite/bin/vite.js'), 'build', '--logLevel', 'warn'], { together })
  })(),
])
// Each test that needs the program would try to build it again, for minutes.
if (whisper.state !== 'ok') env.UNJAM_TEST_NO_WHISPER = `the stage "whisper.cpp" ${whisper.state}`

const vitest = { kind: 'vitest', file: join(reports, 'vitest.json'), times: join(reports, 'vitest-times.json') }
await stage(
  'unit and integration',
  node,
  [
    bin('vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    '--reporter=./test/support/file-times.ts',
    `--outputFile.json=${vitest.file}`,
  ],
  { env: { ...env, UNJAM_TEST_TIMES: vitest.times }, report: vitest },
)
await script('faults', ['--short'])
const playwright = { kind: 'playwright', file: join(reports, 'e2e.json') }
await stage('end to end in Chromium', node, [bin('@playwright/test/cli.js'), 'test'], {
  env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: playwright.file },
  needs: [bundles],
  skip: lacks('Chromium'),
  report: playwright,
})

const { passed, failed, skipped, files } = sumUp(results)
rmSync(reports, { recursive: true, force: true })
console.log('\n── the ten slowest files')
for (const { file, seconds } of files.slice(0, 10))
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${relative(root, resolve(root, file))}`)
console.log('\n── stages')
for (const { title, state, seconds } of results) console.log(`${seconds.toFixed(1).padStart(7)} s  ${title}: ${state}`)
for (const name of skipped) console.log(`skipped: ${name}`)
console.log(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped`)
process.exit(failed > 0 || interruptedBy() !== null ? 1 : 0)

/** Installs what is missing and names what cannot be had; under CI=true that is a failure, but the stages still run. */
async function engines() {
  await installEngines(stage)
  const missing = missingEngines()
  for (const { name, suites } of missing) console.log(`skipped: no ${name}, so ${suites}`)
  for (const { name, because, suites } of missingExtras()) console.log(`skipped: no ${name} (${because}), so ${suites}`)
  if (ci && missing.length > 0)
    fail('engines', `Under CI=true every engine is required: ${missing.map(({ name }) => name).join(', ')}.`)
  return missing
}

/**
 * A stage that is a script of package.json, when there is one of that name. It may write `{ passed, failed, skipped:
 * [name, …] }` to the file that UNJAM_TALLY names; otherwise its exit code alone counts.
 */
async function script(name, args, options = {}) {
  if (scripts[name] === undefined) return
  const file = join(reports, `${name}.json`)
  const npm = process.env.npm_execpath
  const [command, ...first] = npm === undefined || !existsSync(npm) ? ['npm'] : [node, npm]
  await stage(name, command, [...first, 'run', '--silent', name, '--', ...args], {
    ...options,
    env: { ...env, UNJAM_TALLY: file },
    report: { kind: 'tally', file },
  })
}
