// End to end: the real host, the real worker and Debian's Chromium.
import { defineConfig } from '@playwright/test'

/** The longest files begin first, so that no worker is left alone with one of them (`npm test` prints the slowest). */
const long = ['stack-docker.e2e.ts', 'stack-every-action.e2e.ts', 'incidents.e2e.ts', 'stack-queue.e2e.ts']

export default defineConfig({
  testDir: 'test/e2e',
  projects: [
    { name: 'long', testMatch: long },
    { name: 'rest', testMatch: '*.e2e.ts', testIgnore: long },
  ],
  globalSetup: './test/support/shared-engines.ts',
  outputDir: 'test-results',
  // Nothing passes because time has passed: these end what hangs, also on two cores that are busy with other things.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  // As with unit tests: most of the time is waiting for an engine.
  workers: 3,
  retries: 0,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? 'test-results/e2e.json' }]],
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env.UNJAM_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
})
