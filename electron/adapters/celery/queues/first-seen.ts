// When the places of a list were first seen, as runs: a million messages of one reading are one run.

export interface FirstSeen {
  /** The next place behind all others. */
  seen(place: number, at: number): void
  /** In front of the first place that is still there. */
  givenBack(place: number, at: number): void
  forgetBefore(place: number): void
  at(place: number): number
  readonly runs: number
}

/** Finer than a second nobody reads. */
const GRAIN_MS = 1000

export function createFirstSeen(): FirstSeen {
  let runs: { from: number; at: number }[] = []
  const forgetBefore = (place: number) => {
    const next = runs.findIndex(({ from }) => from > place)
    runs = runs.slice(next === -1 ? -1 : Math.max(0, next - 1))
    const [first] = runs
    if (first !== undefined) first.from = Math.max(first.from, place)
  }
  return {
    seen(place, at) {
      const last = runs.at(-1)
      if (last === undefined || Math.abs(at - last.at) >= GRAIN_MS) runs.push({ from: place, at })
    },
    givenBack(place, at) {
      forgetBefore(place + 1)
      const [first] = runs
      if (first?.at === at) first.from = place
      else runs.unshift({ from: place, at })
    },
    forgetBefore,
    at: (place) =>
      runs[
        Math.max(
          0,
          runs.findLastIndex(({ from }) => from <= place),
        )
      ]?.at ?? 0,
    get runs() {
      return runs.length
    },
  }
}
