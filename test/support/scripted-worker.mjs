// A worker process that only acts as one: the `language` of its configuration names its part.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const { config } = JSON.parse((await lines.next()).value)
const part = config.language
/** True the first time in this scratch folder. */
const first = (name) => {
  const file = join(config.scratch, name)
  if (existsSync(file)) return false
  writeFileSync(file, '')
  return true
}
const ready = () => say({ type: 'ready', worker: 'w', pid: process.pid, slots: 1, threads: 2, model: '/m/tiny.bin' })

let paused = false
if (part === 'fatal') {
  say({ type: 'bye', reason: 'fatal', message: 'This file is not a model.' })
  process.exit(1)
}
if (part === 'crash-at-start') {
  console.error('Segmentation fault')
  process.exit(139)
}
if (part === 'never-ready') setInterval(() => say({ type: 'log', level: 'info', message: 'still looking' }), 20)
else {
  if (part === 'garbage') process.stdout.write('not json\n{"type":"unknown"}\n[1,2\n\n{"type":"beat"}\n')
  if (part === 'environment') say({ type: 'log', level: 'info', message: `environment ${JSON.stringify(process.env)}` })
  ready()
  const hang = part === 'hang-once' && first('hung')
  if (!hang) setInterval(() => say({ type: 'beat', rssBytes: 1, paused, slots: [] }), 20)
  else setInterval(() => undefined, 1000)
  if (part === 'crash-once' && first('crashed')) {
    console.error('out of luck')
    setTimeout(() => process.exit(3), 30)
  }
}
for await (const line of lines) {
  const { type } = JSON.parse(line)
  say({ type: 'log', level: 'info', message: `got ${type}` })
  if (type === 'pause') paused = true
  if (type === 'resume') paused = false
  if (type === 'stop' && part !== 'ignores-stop') {
    say({ type: 'bye', reason: 'stopped', message: null })
    process.exit(0)
  }
}
if (part === 'ignores-stop') setInterval(() => undefined, 1000)
else process.exit(0)
