// Unjam watches real workers of Debian's Celery, is cut off and is killed: keys, logs and answers stay as they were.
import { expect, test } from 'vitest'
import { watchingChangesNothing } from './watching.ts'

test.concurrent.each([
  { separator: null, prefix: '' },
  { separator: ':', prefix: 'app1:' },
  { separator: '--', prefix: '' },
])(
  'watching changes nothing: separator $separator, prefix “$prefix”',
  async (application) => {
    await expect(watchingChangesNothing(application)).resolves.toBeUndefined()
  },
  120_000,
)
