// One automation that is off, for tests of links and screens: its runs are scripted.
import { Automation } from '../../electron/contract/automation.ts'
import type { Automations } from '../../electron/core/api.ts'
import { NOW } from './snapshot-builders.ts'

export const nightly = Automation.parse({
  name: 'Clean up stuck runs',
  system: 'crawl',
  action: 'fail-jobs',
  when: { kind: 'every', minutes: 60 },
})

export function fakeAutomations(): Automations {
  return {
    list: () => [
      {
        automation: nightly,
        running: false,
        next: { at: null, sentence: 'It is off.' },
        runs: [
          {
            ...{ id: 'run-1', name: nightly.name, at: NOW, lastAt: NOW, times: 1 },
            ...{ outcome: 'done', sentence: '2 runs were marked as failed.', receipt: 'r1' },
          },
        ],
      },
    ],
    forecast: async () => ({ would: 'nothing', sentence: 'There is nothing to do.', preview: null }),
  }
}
