// The same with Celery's current release from PyPI; skipped, and reported, where it cannot be installed.
import { describe, expect, test } from 'vitest'
import { currentCelery } from '../../../support/current-celery.ts'
import { watchingChangesNothing } from './watching.ts'

const celery = await currentCelery()

describe.skipIf(celery === null)(`Celery ${celery?.version ?? 'from PyPI'}`, () => {
  test.concurrent.each([
    { separator: null, prefix: 'app1:' },
    { separator: ':', prefix: '' },
  ])(
    'watching changes nothing: separator $separator, prefix “$prefix”',
    async (application) => {
      const env = celery?.env ?? {}
      await expect(watchingChangesNothing({ ...application, env })).resolves.toBeUndefined()
    },
    120_000,
  )
})
