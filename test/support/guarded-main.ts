// A process that guards itself and then fails in every way: `node guarded-main.ts guarded|unguarded CASE`.
import { EventEmitter } from 'node:events'
import { guardProcess } from '../../electron/compose/guard-process.ts'

const [mode, name] = process.argv.slice(2)
const out = (line: string) => process.stdout.write(`${line}\n`)
const unreadable = Object.defineProperties(new Error('x'), {
  stack: {
    get() {
      throw new Error('no stack')
    },
  },
})

const cases: Record<string, () => void> = {
  timer: () => setTimeout(() => JSON.parse('{'), 1),
  rejection: () => void Promise.reject(new RangeError('too much')),
  emitter: () =>
    setTimeout(() => new EventEmitter().emit('error', Object.assign(new Error('cut'), { code: 'ECONNRESET' })), 1),
  nothing: () => void Promise.reject(undefined),
  text: () => {
    setTimeout(() => {
      throw 'a text'
    }, 1)
  },
  unreadable: () => void Promise.reject(unreadable),
  storm: () => {
    for (let i = 0; i < 5000; i++) setTimeout(storm, 1)
  },
  many: () => {
    for (let i = 0; i < 500; i++)
      setTimeout(() => {
        throw Object.assign(new Error('one'), { name: `Error${i}` })
      }, 1)
  },
}
function storm(): never {
  throw new TypeError('again and again')
}

if (mode !== 'unguarded')
  guardProcess({
    log(message) {
      if (mode === 'full-disk') throw new Error('ENOSPC')
      out(`log ${message}`)
    },
    notice: (sentence) => out(`notice ${sentence}`),
  })
cases[name ?? '']?.()
// Everything above has failed by then; a process that ends early never says this.
setTimeout(() => out('alive'), 300)
