// Receipts of samples stand among the real ones page by page, and are gone with their sample.
import { expect, it } from 'vitest'
import { sampleHistory } from '../../electron/compose/samples/sample-history.ts'
import type { Receipt } from '../../electron/contract/action.ts'
import { memoryHistory } from '../support/memory-history.ts'

const receipt = (n: number, system: string): Receipt => ({
  ...{ id: `r${n}`, action: 'retry-jobs', system, title: 'Retry', summary: '', actor: 'admin', count: 1, previewed: 1 },
  ...{ at: new Date(n * 1000).toISOString(), left: [], undoable: true, watch: null, undone: null },
})

it('pages over both without losing or doubling one, whichever a page ends with', () => {
  const real = memoryHistory()
  const memory = sampleHistory()
  const both = memory.over(real)
  const systems = ['local', 'local', 'sample-calls', 'local', 'sample-calls', 'sample-calls', 'local', 'sample-calls']
  for (const [n, system] of systems.entries()) both.append(receipt(n, system), `trail ${n}`)
  const newest = [...systems.keys()].reverse().map((n) => `r${n}`)
  for (const limit of [1, 2, 3, 5, 100]) {
    const seen: string[] = []
    for (let before: string | null = null; ; ) {
      const page = both.list(limit, before)
      seen.push(...page.map(({ id }) => id))
      before = page.at(-1)?.id ?? null
      if (page.length < limit || before === null) break
    }
    expect(seen, `pages of ${limit}`).toEqual(newest)
  }
  expect(real.list(100, null).map(({ system }) => system)).toEqual(['local', 'local', 'local', 'local'])
  both.replace({ ...receipt(7, 'sample-calls'), title: 'Undone' })
  expect(both.get('r7')).toMatchObject({ receipt: { title: 'Undone' }, trail: 'trail 7' })
  memory.clear()
  expect(both.get('r7')).toBeNull()
  expect(both.list(100, null).map(({ id }) => id)).toEqual(['r6', 'r3', 'r1', 'r0'])
})
