// The whole Api over a bundle: the same screens, the same calls, and no system behind them.
import { packBundle } from '../adapters/bundle-file.ts'
import { openRecords } from '../adapters/records-sqlite.ts'
import type { Bundle } from '../contract/bundle.ts'
import { Settings } from '../contract/settings.ts'
import type { Api, Connecting, Machine } from '../core/api.ts'
import { createArchive } from '../core/archive.ts'
import { onlyLooking, replayCore } from '../core/replay-core.ts'

export interface ReplayApi {
  readonly api: Api
  close(): Promise<void>
}

export function replayApi(bundle: Bundle): ReplayApi {
  const { core, replay } = replayCore(bundle)
  const records = openRecords(':memory:')
  for (const moment of bundle.moments) records.append(moment, 'coarse')
  const archive = createArchive({
    records,
    findings: {
      append: () => undefined,
      between: (from, to) => bundle.findings.filter(({ at }) => from <= at && at < to),
      latest: () => bundle.findings,
    },
    core,
    // Its present is its end, whatever the clock on the wall says.
    clock: { now: () => bundle.to, nowMs: () => Date.parse(bundle.to), sleep: () => refused('Wait') },
    version: bundle.by,
    // They were taken out when it was made.
    secrets: () => [],
    pack(again) {
      const bytes = packBundle(again)
      return { base64: bytes.toString('base64'), bytes: bytes.length }
    },
    open: replay.open,
  })
  const api: Api = {
    core,
    machine: machineOf(bundle),
    connecting,
    samples: { list: () => [], start: () => refused('Start a sample'), stop: async () => [] },
    automations: { list: () => [], forecast: () => refused('Forecast the automation') },
    archive: { ...archive, ...replay },
  }
  return {
    api,
    async close() {
      await core.stop()
      records.close()
    },
  }
}

function refused(tried: string): Promise<never> {
  return Promise.reject(onlyLooking(tried))
}

function refuse(tried: string): never {
  throw onlyLooking(tried)
}

function machineOf(bundle: Bundle): Machine {
  const settings = Settings.parse({})
  return {
    workerLog: () => ({ lines: [], cursor: 0 }),
    models: () => [],
    downloadModel: () => refuse('Download a model'),
    cancelDownload: () => false,
    importModel: () => refused('Import a model'),
    selectModel: () => refused('Select a model'),
    settings: () => settings,
    updateSettings: () => refused('Change the settings'),
    info: () => ({
      ...{ version: bundle.by, dataDir: 'a bundle', platform: 'a bundle', user: '', host: 'browser' },
      ...{ cores: 0, memoryBytes: 0, freeMemoryBytes: 0, startedAt: bundle.made, notices: [] },
    }),
    doctor: async () => [],
    buildEngine: () => refuse('Build the engine'),
    uploadPath: () => refused('Keep the file'),
  }
}

const connecting: Connecting = {
  discover: async () => [],
  test: () => refused('Test the system'),
  mapping: () => refused('Look for tables'),
  runsMapping: () => refused('Look for tables'),
  save: () => refused('Save the system'),
  remove: () => refused('Remove the system'),
}
