// Counts and durations of a test run, read from the reports that its stages leave behind.
import { readFileSync } from 'node:fs'

/**
 * Passed and failed counts, names of skipped tests, and seconds by file, of one report; null when there is none.
 * Kinds: `vitest` and `playwright` are those programs' own JSON; `tally` is `{ passed, failed, skipped: [name, …] }`.
 */
export function readReport({ kind, file, times }) {
  const report = json(file)
  if (report === null) return null
  const counts = { vitest, playwright, tally }[kind](report)
  return { ...counts, files: json(times) ?? counts.files }
}

function json(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // The stage ended before it could write one.
    return null
  }
}

function vitest({ testResults }) {
  const all = testResults.flatMap((file) => file.assertionResults)
  // A file that fails outside of its tests (an import, a hook) has no failing test.
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  )
  return {
    passed: all.filter(({ status }) => status === 'passed').length,
    failed: all.filter(({ status }) => status === 'failed').length + broken.length,
    skipped: all.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ fullName }) => fullName),
    files: testResults.map(({ name, startTime, endTime }) => ({ file: name, seconds: (endTime - startTime) / 1000 })),
  }
}

function playwright({ suites, errors = [] }) {
  const counts = { passed: 0, failed: errors.length, skipped: [], files: [] }
  const walk = (suite, titles) => {
    let seconds = 0
    for (const { title, tests } of suite.specs ?? [])
      for (const { status, results } of tests) {
        if (status === 'expected' || status === 'flaky') counts.passed++
        else if (status === 'unexpected') counts.failed++
        else counts.skipped.push([...titles, title].join(' › '))
        for (const { duration } of results) seconds += duration / 1000
      }
    for (const inner of suite.suites ?? []) seconds += walk(inner, [...titles, inner.title])
    return seconds
  }
  for (const suite of suites) counts.files.push({ file: `test/e2e/${suite.file}`, seconds: walk(suite, [suite.title]) })
  return counts
}

function tally({ passed, failed, skipped = [] }) {
  return { passed, failed, skipped, files: [] }
}

/** The sum over stages. A failed stage counts at least one failure, so that the last line never hides it. */
export function sumUp(results) {
  const sum = { passed: 0, failed: 0, skipped: [], files: [] }
  for (const { title, state, because, report } of results) {
    const counts = report === null ? null : readReport(report)
    sum.passed += counts?.passed ?? 0
    sum.failed += Math.max(counts?.failed ?? 0, state === 'failed' ? 1 : 0)
    sum.skipped.push(...(counts?.skipped ?? []))
    if (state === 'skipped') sum.skipped.push(`${title}: ${because}`)
    sum.files.push(...(counts?.files ?? []))
  }
  sum.files.sort((a, b) => b.seconds - a.seconds)
  return sum
}
