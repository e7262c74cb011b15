// The past as a link carries it: one system, one reading, a report that says what was asked.
import { FailureError } from '../../electron/contract/failure.ts'
import type { Archive } from '../../electron/core/api.ts'
import { NOW } from './snapshot-builders.ts'

export function fakeArchive(): Archive {
  return {
    range: ({ from = NOW, to = NOW }) => ({ from, to, bucketMs: 60_000, since: NOW, systems: [], findings: [] }),
    moment: () => ({ moment: { at: NOW, systems: [] }, findings: [] }),
    report: async ({ format }) => ({ fileName: 'report', mimeType: `text/${format}`, text: 'Grüße' }),
    bundle: async () => ({ fileName: 'a.unjam', mimeType: 'application/gzip', base64: 'AA==', bytes: 1 }),
    open: async () => ({ url: 'http://127.0.0.1:1/' }),
    replay: () => null,
    seek: (at) => {
      const because = 'this Unjam looks at running systems'
      throw new FailureError({ kind: 'unsupported', tried: 'Show another moment', on: at, because, remedy: null })
    },
  }
}
