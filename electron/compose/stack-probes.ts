// Tries a compose project and a .env for the form of a system: what answers, and what is missing.
import { composeStack } from '../adapters/docker/stack.ts'
import { openEnvFile } from '../adapters/env-file.ts'
import type { Probes } from './test-system.ts'

export function stackProbes(dataDir: string): Probes {
  return {
    async stack({ project, docker }, signal) {
      const stack = composeStack({ project, docker, dataDir, onProblem: () => undefined })
      try {
        const [info, services, folders] = await Promise.all([
          stack.info(signal),
          stack.services(signal),
          stack.folders(signal),
        ])
        const told = `Docker ${info.engine.version}, project ${info.project}, ${services.length} containers`
        const mounted = folders.map(({ inside, here }) => ` ${inside} of its worker is ${here} here.`).join('')
        if (!info.filesHere)
          return {
            state: 'limited',
            sentence: `${told}. Its files are not on this machine: .env cannot be changed.${mounted}`,
          }
        if (info.compose === null)
          return {
            state: 'limited',
            sentence: `${told}. No compose command here: services cannot be scaled.${mounted}`,
          }
        return { state: 'ok', sentence: `${told}, compose ${info.compose}.${mounted}` }
      } finally {
        await stack.close()
      }
    },
    async envFile(path, signal) {
      const { text } = await openEnvFile(path).read(signal)
      const lines = text.split('\n').filter((line) => /^\s*(export\s+)?\w+\s*=/.test(line)).length
      return { state: 'ok', sentence: `${path}: ${lines} settings.` }
    },
  }
}
