// What is said in passing, at the lower edge: receipts with their undo, alerts, and sentences.
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Receipt } from '../electron/contract/action.ts'
import type { Alert } from '../electron/contract/alert.ts'

export type Notice =
  | { readonly key: number; readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly key: number; readonly kind: 'alert'; readonly alert: Alert }
  | { readonly key: number; readonly kind: 'sentence'; readonly text: string; readonly bad: boolean }

export interface Notices {
  readonly store: StoreApi<readonly Notice[]>
  receipt(receipt: Receipt): void
  /** In the place of the one before it of the same group. */
  alert(alert: Alert): void
  /** An alert that no longer stands. */
  settle(group: string): void
  say(text: string, bad?: boolean): void
  drop(key: number): void
}

const MOST = 2

export function createNotices(): Notices {
  const store = createStore<readonly Notice[]>(() => [])
  let next = 1
  const push = (notice: Notice) => store.setState((all) => [...all, notice].slice(-MOST), true)
  const settle = (group: string) =>
    store.setState((all) => all.filter((one) => one.kind !== 'alert' || one.alert.group !== group), true)
  return {
    store,
    receipt(receipt) {
      // Its undo says more than the receipt it takes back.
      store.setState((all) => all.filter((one) => one.kind !== 'receipt' || one.receipt.id !== receipt.id), true)
      push({ key: next++, kind: 'receipt', receipt })
    },
    alert(alert) {
      settle(alert.group)
      push({ key: next++, kind: 'alert', alert })
    },
    settle,
    say: (text, bad = false) => push({ key: next++, kind: 'sentence', text, bad }),
    drop: (key) => store.setState((all) => all.filter((notice) => notice.key !== key), true),
  }
}
