// One at a time per name: two writes on the same system never overlap, those on different ones do.

export interface Turns {
  take<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Resolves when everything begun so far has ended, well or not. */
  idle(): Promise<void>
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return {
    take(name, work) {
      const before = last.get(name) ?? Promise.resolve()
      const mine = before.then(work, work)
      const settled = mine.then(
        () => undefined,
        () => undefined,
      )
      last.set(name, settled)
      void settled.then(() => {
        if (last.get(name) === settled) last.delete(name)
      })
      return mine
    },
    async idle() {
      await Promise.all(last.values())
    },
  }
}
