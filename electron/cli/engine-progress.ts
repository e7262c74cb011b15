// The whisper.cpp program for a command: found, or built now with its progress on stderr.
import type { Context } from './command.ts'

/** The path of whisper-cli; throws the failure that names what is missing to build it. */
export async function engineProgress({ root, signal, terminal }: Context): Promise<string> {
  const { createEngineStore, findEngine } = await import('../adapters/engine-build.ts')
  const found = findEngine(root)
  if (found !== null) return found
  const engine = createEngineStore({ root, onLog: () => undefined })
  terminal.say('whisper.cpp is built for this computer first; this is done once and takes a minute or two.')
  let shown = -1
  const stop = engine.onChange(() => {
    const now = engine.state()
    if (now.state !== 'building') return
    const percent = Math.floor(now.percent)
    if (percent === shown) return
    terminal.progress(`building whisper.cpp: ${percent} % (${now.step})`, !terminal.interactive && percent % 25 === 0)
    shown = percent
  })
  try {
    return await engine.ensure(signal)
  } finally {
    stop()
  }
}
