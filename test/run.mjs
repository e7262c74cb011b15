// `npm test`: everything that a fresh machine needs, then types, lint, unit, integration and end to end, with one closing line.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

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

const has = (command) => spawnSync('which', [command], { stdio: 'ignore' }).status === 0
const debianRoot = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/etc/debian_version')

function installPackages() {
  const wanted = { chromium: 'chromium', cmake: 'cmake', 'g++': 'g++', make: 'make' }
  const missing = Object.entries(wanted).flatMap(([command, name]) => (has(command) ? [] : [name]))
  if (missing.length === 0 || !debianRoot) return true
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  return (
    stage('Debian package lists', 'apt-get', ['update', '-qq'], env) &&
    stage(
      `Debian packages: ${missing.join(' ')}`,
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', ...missing],
      env,
    )
  )
}

/** What cannot be had here: its suite is named, and under CI=true that is a failure. */
function missingEngines() {
  const missing = []
  if (!has('cmake') || !has('g++'))
    missing.push('whisper.cpp (no cmake or C++ compiler): decoding and transcription suites')
  if (!has('chromium') && !process.env.UNJAM_CHROMIUM) missing.push('Chromium: the end-to-end suite')
  return missing
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
  if (!installPackages()) return false
  const missing = missingEngines()
  for (const one of missing) console.log(`skipped: ${one}`)
  if (missing.length > 0 && ci) {
    console.error('Under CI=true every engine is required.')
    return false
  }
  const node = process.execPath
  const steps = [
    () => stage('types', node, [bin('typescript/bin/tsc'), '-p', '.']),
    () => stage('lint', node, [bin('@biomejs/biome/bin/biome'), 'ci', '--colors=off', '.']),
    () => missing.length > 0 || stage('whisper.cpp', node, [join(root, 'test/support/build-engine.ts')]),
    () => stage('renderer and shell bundles', node, [bin('vite/bin/vite.js'), 'build', '--logLevel', 'warn']),
    () =>
      stage('unit and integration', node, [
        bin('vitest/vitest.mjs'),
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${vitestReport}`,
      ]),
    () =>
      missing.some((one) => one.startsWith('Chromium')) ||
      stage('end to end in Chromium', node, [bin('@playwright/test/cli.js'), 'test'], {
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
