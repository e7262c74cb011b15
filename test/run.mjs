// `npm test`: everything that a fresh machine needs, then types, lint, unit, integration and end to end, with one closing line.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { composeTwo, installEngines, missingEngines } from './engines.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const ci = process.env.CI === 'true'
const reports = mkdtempSync(join(tmpdir(), 'unjam-test-'))
const bin = (name) => join(root, 'node_modules', name)

/** Runs one stage with its output shown; the first that fails ends the run with its exit code. */
function stage(title, command, args, env = {}) {
  const started = Date.now()
  console.log(`\n── ${title}`)
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
  if (error) console.error(error.message)
  console.log(`── ${title}: ${status === 0 ? 'ok' : 'failed'} in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return status === 0
}

const vitestReport = join(reports, 'vitest.json')
const e2eReport = join(reports, 'e2e.json')

function tally() {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  const skipped = []
  if (existsSync(vitestReport)) {
    const report = JSON.parse(readFileSync(vitestReport, 'utf8'))
    for (const file of report.testResults)
      for (const one of file.assertionResults) {
        if (one.status === 'passed') sum.passed++
        else if (one.status === 'failed') sum.failed++
        else {
          sum.skipped++
          skipped.push(one.fullName)
        }
      }
  }
  if (existsSync(e2eReport)) {
    const { stats } = JSON.parse(readFileSync(e2eReport, 'utf8'))
    sum.passed += stats.expected + stats.flaky
    sum.failed += stats.unexpected
    sum.skipped += stats.skipped
  }
  for (const name of skipped) console.log(`skipped: ${name}`)
  return sum
}

function run() {
  if (!installEngines(stage)) return false
  const missing = missingEngines()
  const lacks = (name) => missing.some((one) => one.name === name)
  for (const { name, suites } of missing) console.log(`skipped: no ${name}, so ${suites}`)
  const docker = composeTwo(stage)
  if (docker === null) console.log('skipped: no Docker Compose 2, so its half of the stack suites')
  const env = docker === null ? {} : { UNJAM_DOCKER_CONFIG: docker }
  if (ci && (missing.length > 0 || docker === null)) {
    console.error('Under CI=true every engine is required.')
    return false
  }
  const node = process.execPath
  const steps = [
    () => stage('types', node, [bin('typescript/bin/tsc'), '-p', '.']),
    () => stage('lint', node, [bin('@biomejs/biome/bin/biome'), 'ci', '--colors=off', '.']),
    () => lacks('whisper.cpp') || stage('whisper.cpp', node, [join(root, 'test/support/build-engine.ts')]),
    () => stage('renderer and shell bundles', node, [bin('vite/bin/vite.js'), 'build', '--logLevel', 'warn']),
    () =>
      stage(
        'unit and integration',
        node,
        [
          ...[bin('vitest/vitest.mjs'), 'run', '--reporter=default', '--reporter=json'],
          `--outputFile.json=${vitestReport}`,
        ],
        env,
      ),
    () =>
      lacks('Chromium') ||
      stage('end to end in Chromium', node, [bin('@playwright/test/cli.js'), 'test'], {
        ...env,
        PLAYWRIGHT_JSON_OUTPUT_FILE: e2eReport,
      }),
  ]
  return steps.every((step) => step())
}

const ok = run()
const { passed, failed, skipped } = tally()
rmSync(reports, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit(ok ? 0 : 1)
