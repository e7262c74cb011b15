import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongFilesFirst } from './test/support/long-files-first.ts'

export default defineConfig({
  // Electron's own module would download its program; the shell's tests drive a stand-in that is checked against it.
  resolve: { alias: { electron: join(import.meta.dirname, 'test/support/electron-double.ts') } },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/e2e/**', 'test/bench/**'],
    pool: 'forks',
    // Most tests wait for an engine, so that two cores have time for more than two files.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    sequence: { sequencer: LongFilesFirst },
    // The run's one Postgres server and its one dockerd, each started by the first test that needs it.
    globalSetup: ['test/support/postgres-setup.ts', 'test/support/docker-setup.ts'],
    setupFiles: ['test/support/properties.ts'],
    // No test waits this long: they are the end of one that hangs, also beside ten other programs (test/support/until.ts).
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    // Unhandled rejections and leaked errors fail the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
