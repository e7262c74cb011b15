// Receipts and trails in memory, newest first, as the history file keeps them.
import type { Receipt } from '../../electron/contract/action.ts'
import type { History } from '../../electron/core/ports/local.ts'

export function memoryHistory(): History {
  const entries: { receipt: Receipt; trail: string }[] = []
  return {
    append: (receipt, trail) => void entries.unshift({ receipt, trail }),
    get: (id) => entries.find(({ receipt }) => receipt.id === id) ?? null,
    replace(receipt) {
      const entry = entries.find((one) => one.receipt.id === receipt.id)
      if (entry === undefined) throw new Error(`there is no receipt ${receipt.id}`)
      entry.receipt = receipt
    },
    list(limit, before) {
      const from = before === null ? 0 : entries.findIndex(({ receipt }) => receipt.id === before) + 1
      return entries.slice(from, from + limit).map(({ receipt }) => receipt)
    },
  }
}
