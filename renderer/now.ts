// The one ticker: a second's beat from which every age on screen is computed.
import { createStore, type StoreApi } from 'zustand/vanilla'

export function startNow(clock: () => number = Date.now): { store: StoreApi<number>; stop(): void } {
  const store = createStore<number>(() => clock())
  let timer: ReturnType<typeof setTimeout>
  const tick = () => {
    store.setState(clock(), true)
    // Aligned to the second, so that two ages on one screen change together.
    timer = setTimeout(tick, 1000 - (clock() % 1000))
  }
  timer = setTimeout(tick, 1000 - (clock() % 1000))
  return { store, stop: () => clearTimeout(timer) }
}
