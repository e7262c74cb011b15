// Receipts of samples beside the real ones: shown with them, kept in memory, gone when the sample is left.
import type { Receipt } from '../../contract/action.ts'
import { isSample } from '../../contract/sample.ts'
import type { History, Intent } from '../../core/ports/history.ts'

export interface SampleHistory {
  /** One history over both: the newest first, whichever it is. */
  over(real: History): History
  clear(): void
}

export function sampleHistory(): SampleHistory {
  let kept: readonly { receipt: Receipt; trail: string }[] = []
  const intents = new Map<string, { intent: Intent; recorded: string | null }>()
  const find = (id: string) => kept.find(({ receipt }) => receipt.id === id) ?? null

  /** A page of the real ones after one that may be a sample's: from the first that is not newer. */
  function realAfter(real: History, before: Receipt | null, id: string | null, limit: number): readonly Receipt[] {
    if (before === null) return real.list(limit, id)
    const pages: Receipt[] = []
    for (let from: string | null = null; pages.length < limit; ) {
      const page = real.list(limit, from)
      pages.push(...page.filter(({ at }) => at <= before.at))
      const last = page.at(-1)
      if (last === undefined || page.length < limit) break
      from = last.id
    }
    return pages.slice(0, limit)
  }

  return {
    over: (real) => ({
      append(receipt, trail) {
        if (isSample(receipt.system)) kept = [{ receipt, trail }, ...kept]
        else real.append(receipt, trail)
      },
      get: (id) => find(id) ?? real.get(id),
      replace(receipt) {
        if (!isSample(receipt.system)) return real.replace(receipt)
        kept = kept.map((one) => (one.receipt.id === receipt.id ? { ...one, receipt } : one))
      },
      begin(intent) {
        if (!isSample(intent.system)) real.begin(intent)
        else if (!intents.has(intent.id)) intents.set(intent.id, { intent, recorded: null })
      },
      record(id, recorded) {
        const begun = intents.get(id)
        if (begun === undefined) real.record(id, recorded)
        else begun.recorded = recorded
      },
      recorded(id) {
        const begun = intents.get(id)
        return begun === undefined ? real.recorded(id) : begun.recorded
      },
      open: () => [...[...intents.values()].map(({ intent }) => intent), ...real.open()],
      conclude(id, receipt, trail) {
        if (!isSample(receipt.system)) return real.conclude(id, receipt, trail)
        intents.delete(id)
        kept =
          trail === null
            ? kept.map((one) => (one.receipt.id === receipt.id ? { ...one, receipt } : one))
            : [{ receipt, trail }, ...kept]
      },
      abandon(id) {
        if (!intents.delete(id)) real.abandon(id)
      },
      list(limit, before) {
        const last = before === null ? null : ((find(before) ?? real.get(before))?.receipt ?? null)
        const mine = kept.map(({ receipt }) => receipt)
        const at = mine.findIndex(({ id }) => id === before)
        const older = last === null ? mine : at === -1 ? mine.filter((one) => one.at < last.at) : mine.slice(at + 1)
        const theirs = realAfter(real, at === -1 ? null : last, before, limit)
        return [...older, ...theirs].toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, limit)
      },
    }),
    clear() {
      kept = []
      intents.clear()
    },
  }
}
