// Receipts, trails and intents in memory, newest receipt first, as the history file keeps them.
import type { Receipt } from '../../electron/contract/action.ts'
import type { History, Intent } from '../../electron/core/ports/history.ts'

export function memoryHistory(): History {
  const entries: { receipt: Receipt; trail: string }[] = []
  const intents = new Map<string, { intent: Intent; recorded: string | null }>()
  function replace(receipt: Receipt): void {
    const entry = entries.find((one) => one.receipt.id === receipt.id)
    if (entry === undefined) throw new Error(`there is no receipt ${receipt.id}`)
    entry.receipt = receipt
  }
  return {
    append: (receipt, trail) => void entries.unshift({ receipt, trail }),
    get: (id) => entries.find(({ receipt }) => receipt.id === id) ?? null,
    replace,
    list(limit, before) {
      const from = before === null ? 0 : entries.findIndex(({ receipt }) => receipt.id === before) + 1
      return entries.slice(from, from + limit).map(({ receipt }) => receipt)
    },
    begin: (intent) => void (intents.has(intent.id) || intents.set(intent.id, { intent, recorded: null })),
    record(id, recorded) {
      const begun = intents.get(id)
      if (begun === undefined) throw new Error(`there is no intent ${id}`)
      begun.recorded = recorded
    },
    recorded: (id) => intents.get(id)?.recorded ?? null,
    open: () => [...intents.values()].map(({ intent }) => intent),
    conclude(id, receipt, trail) {
      if (trail === null) replace(receipt)
      else entries.unshift({ receipt, trail })
      intents.delete(id)
    },
    abandon: (id) => void intents.delete(id),
  }
}
