// Builds whisper.cpp once, before the suites that run it, with its progress shown.
import { join } from 'node:path'
import { createEngineStore } from '../../electron/adapters/engine-build.ts'

const store = createEngineStore({ root: join(import.meta.dirname, '../..'), onLog: () => undefined })
let shown = -10
store.onChange(() => {
  const now = store.state()
  if (now.state !== 'building' || now.percent < shown + 10) return
  shown = now.percent
  console.log(`whisper.cpp: ${Math.round(now.percent)} % ${now.step}`)
})
console.log(`whisper.cpp: ${await store.ensure(AbortSignal.timeout(15 * 60_000))}`)
