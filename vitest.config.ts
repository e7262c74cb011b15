import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Electron's own module would download its program; the shell's tests drive a stand-in that is checked against it.
  resolve: { alias: { electron: join(import.meta.dirname, 'test/support/electron-double.ts') } },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/e2e/**', 'test/bench/**'],
    pool: 'forks',
    // Most tests wait for an engine: on two cores two files at once take a little more than half the time of one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The run's one Postgres server and its one dockerd, each started by the first test that needs it.
    globalSetup: ['test/support/postgres-setup.ts', 'test/support/docker-setup.ts'],
    setupFiles: ['test/support/properties.ts'],
    // No test waits this long: they are the end of one that hangs, also beside ten other programs (test/support/until.ts).
    testTimeout: 180_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000, interval: 20 } },
    // Unhandled rejections and leaked errors fail the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
})
