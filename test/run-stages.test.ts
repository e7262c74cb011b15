// The runner of `npm test`: a failure hides no later stage, and the closing counts leave nothing out.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { temporaryFolder } from './support/temporary-folder.ts'

const folders = temporaryFolder()
afterEach(folders.remove)

/** Runs the lines with `stage`, `fail`, `results`, `sumUp`, `exit(code)` (a command) and `show(value)` at hand. */
function script(...lines: string[]): { shown: unknown; output: string } {
  const begin = [
    `import { fail, results, stage } from ${JSON.stringify(join(import.meta.dirname, 'stages.mjs'))}`,
    `import { sumUp } from ${JSON.stringify(join(import.meta.dirname, 'tally.mjs'))}`,
    `const exit = (code, text = '') => [process.execPath, ['-e', 'console.log(process.argv[1]); process.exitCode = ' + code, text]]`,
    `const show = (value) => console.log('shown ' + JSON.stringify(value))`,
  ]
  const file = join(folders.path(), 'script.mjs')
  writeFileSync(file, [...begin, ...lines].join('\n'))
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  const shown = /^shown (.*)$/m.exec(stdout)?.[1]
  if (shown === undefined) throw new Error(`${stdout}${stderr}`)
  return { shown: JSON.parse(shown), output: stdout }
}

test('every stage runs, except those that need one that failed, and each says what became of it', () => {
  const { shown, output } = script(
    `const broken = await stage('broken', ...exit(3))`,
    `await stage('other', ...exit(0))`,
    `const child = await stage('child', ...exit(0), { needs: [broken] })`,
    `await stage('grandchild', ...exit(0), { needs: [child] })`,
    `await stage('nowhere', '/no/such/program', [])`,
    `await stage('elsewhere', ...exit(0), { skip: 'there is no such engine here' })`,
    `await stage('optional', ...exit(1), { optional: true })`,
    `show(results.map(({ title, state, because }) => [title, state, because]))`,
  )
  expect(shown).toEqual([
    ['broken', 'failed', null],
    ['other', 'ok', null],
    ['child', 'skipped', 'it needs "broken", which failed'],
    ['grandchild', 'skipped', 'it needs "child", which was skipped'],
    ['nowhere', 'failed', null],
    ['elsewhere', 'skipped', 'there is no such engine here'],
    ['optional', 'skipped', 'it failed'],
  ])
  expect(output).toContain('── child: skipped, because it needs "broken", which failed')
})

test('a stage beside another shows its output whole, when it has ended', () => {
  const { output } = script(
    `const both = { together: true }`,
    `await Promise.all([stage('a', ...exit(0, 'of a'), both), stage('b', ...exit(0, 'of b'), both)])`,
    `show(null)`,
  )
  for (const name of ['a', 'b']) expect(output).toMatch(new RegExp(`── ${name}\\nof ${name}\\n── ${name}: ok in`))
})

test('counts: broken files, failed stages without a report, tests and stages that were skipped', () => {
  const folder = folders.path()
  const report = (name: string, content: unknown) => {
    const file = join(folder, name)
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
    return JSON.stringify(file)
  }
  const one = (status: string, fullName = status) => ({ status, fullName })
  const vitest = report('vitest.json', {
    testResults: [
      { name: '/a.test.ts', status: 'passed', startTime: 0, endTime: 3000, assertionResults: [one('passed')] },
      { name: '/b.test.ts', status: 'failed', startTime: 0, endTime: 1, assertionResults: [one('failed')] },
      // Its beforeAll failed.
      { name: '/c.test.ts', status: 'failed', startTime: 0, endTime: 1, assertionResults: [one('pending', 'c waits')] },
    ],
  })
  const spec = (title: string, status: string, ms: number) => ({
    title,
    tests: [{ status, results: [{ duration: ms }] }],
  })
  const playwright = report('e2e.json', {
    errors: [],
    suites: [
      {
        ...{ title: 'x.e2e.ts', file: 'x.e2e.ts', specs: [spec('fine', 'expected', 1000)] },
        suites: [{ title: 'deep', specs: [spec('wrong', 'unexpected', 4000), spec('left out', 'skipped', 0)] }],
      },
    ],
  })
  const faults = report('faults.json', { passed: 40, failed: 0, skipped: ['disk full on Windows'] })
  const torn = report('torn.json', '{"testRes')
  const { shown } = script(
    `const ended = (title, state, kind, file) => ({ title, state, because: 'why', seconds: 1, report: file ? { kind, file } : null })`,
    `show(sumUp([`,
    `  ended('types', 'ok'), ended('lint', 'failed'), ended('unit', 'failed', 'vitest', ${vitest}),`,
    `  ended('e2e', 'failed', 'playwright', ${playwright}), ended('faults', 'ok', 'tally', ${faults}),`,
    `  ended('crashed', 'failed', 'vitest', ${torn}), ended('extra', 'skipped'),`,
    `]))`,
  )
  expect(shown).toEqual({
    passed: 1 + 1 + 40,
    // lint, b, c, wrong, crashed
    failed: 5,
    skipped: ['c waits', 'x.e2e.ts › deep › left out', 'disk full on Windows', 'extra: why'],
    files: [
      { file: 'test/e2e/x.e2e.ts', seconds: 5 },
      { file: '/a.test.ts', seconds: 3 },
      { file: '/b.test.ts', seconds: 0.001 },
      { file: '/c.test.ts', seconds: 0.001 },
    ],
  })
})
