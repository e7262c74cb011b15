// The past of the fixture: runbook 0 as readings in a real file in memory, with the finding that came of it.
import { packBundle } from '../../electron/adapters/bundle-file.ts'
import { openRecords } from '../../electron/adapters/records-sqlite.ts'
import type { Receipt } from '../../electron/contract/action.ts'
import type { Snapshot } from '../../electron/contract/snapshot.ts'
import type { Archive } from '../../electron/core/api.ts'
import { createArchive } from '../../electron/core/archive.ts'
import type { FindingsLog } from '../../electron/core/ports/findings.ts'
import { recordPast } from '../support/recorded-past.ts'
import { limitsOf } from './fixture-proof.ts'
import { BASE } from './fixture-time.ts'

export interface FixturePast {
  readonly findings: FindingsLog
  now(): number
  shown(): Snapshot
  receipts(): Receipt[]
}

export function fixtureArchive({ findings, now, shown, receipts }: FixturePast, empty: boolean): Archive {
  const records = openRecords(':memory:')
  if (!empty) recordPast(records, BASE, 20)
  return createArchive({
    ...{ records, findings, version: '0.1.0', secrets: () => [] },
    core: { read: async () => shown(), receipts, limits: async (id) => limitsOf(id) },
    clock: { nowMs: now, now: () => new Date(now()).toISOString(), sleep: () => Promise.reject(new Error('unused')) },
    pack(bundle) {
      const bytes = packBundle(bundle)
      return { base64: bytes.toString('base64'), bytes: bytes.length }
    },
    open: async () => ({ url: 'http://127.0.0.1:1/' }),
  })
}
