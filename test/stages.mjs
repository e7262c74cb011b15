// The stages of `npm test`: child processes with their output, their results, and what each of them needs.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Every stage that has ended, in order: `{ title, state: 'ok' | 'failed' | 'skipped', because, seconds, report }`. */
export const results = []
const running = new Set()
let interrupted = null

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    interrupted ??= signal
    for (const child of running) child.kill(signal)
  })

/** The signal that ended the run early, or null. */
export const interruptedBy = () => interrupted

/**
 * Runs one command; resolves with whether it succeeded and never throws, so that one failure hides no other.
 *
 * `needs`: results of earlier stages without which this one proves nothing; it is skipped when one of them failed.
 * `skip`: why it cannot run on this machine, or null.
 * `optional`: a failure only means that something is not on this machine, and is counted as skipped.
 * `together`: another stage prints at the same time, so the output is shown when it has ended.
 * `report`: where the stage leaves its counts and how to read them: `{ kind, file }` (test/tally.mjs).
 */
export async function stage(
  title,
  command,
  args,
  { env = {}, needs = [], skip = null, together, optional, report } = {},
) {
  const failed = needs.find(({ state }) => state !== 'ok')
  const because =
    interrupted ??
    skip ??
    (failed && `it needs "${failed.title}", which ${failed.state === 'failed' ? 'failed' : 'was skipped'}`)
  if (because) {
    console.log(`\n── ${title}: skipped, because ${because}`)
    return done({ title, state: 'skipped', because, seconds: 0, report: null })
  }
  const began = performance.now()
  if (!together) console.log(`\n── ${title}`)
  const { code, output } = await run(command, args, env, together === true)
  const seconds = (performance.now() - began) / 1000
  const state = code === 0 ? 'ok' : 'failed'
  console.log(`${together ? `\n── ${title}\n${output}` : ''}── ${title}: ${state} in ${seconds.toFixed(1)} s`)
  if (state === 'failed' && optional)
    return done({ title, state: 'skipped', because: 'it failed', seconds, report: null })
  return done({ title, state, because: null, seconds, report: report ?? null })
}

/** A failure outside of any command, such as a missing engine where every engine is required. */
export function fail(title, because) {
  console.error(`\n── ${title}: ${because}`)
  return done({ title, state: 'failed', because, seconds: 0, report: null })
}

function done(result) {
  results.push(result)
  return result
}

function run(command, args, env, collect) {
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(command, args, {
      cwd: root,
      stdio: collect ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, ...env },
    })
    running.add(child)
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    const end = (code) => {
      running.delete(child)
      resolve({ code, output })
    }
    child.once('error', (error) => {
      output += `${error.message}\n`
      if (!collect) console.error(error.message)
      end(-1)
    })
    // `close`, not `exit`: after the last output.
    child.once('close', (code) => end(code ?? -1))
  })
}
