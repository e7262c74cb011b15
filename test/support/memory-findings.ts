// The life of findings in memory, as its file keeps it.
import type { FindingEvent } from '../../electron/contract/finding-life.ts'
import type { FindingsLog } from '../../electron/core/ports/findings.ts'

export function memoryFindings(): FindingsLog & { readonly events: readonly FindingEvent[] } {
  const events: FindingEvent[] = []
  return {
    events,
    append: (more) => void events.push(...more),
    between: (from, to) => events.filter(({ at }) => from <= at && at < to),
    latest: () => events.filter(({ key }, index) => events.findLastIndex((one) => one.key === key) === index),
  }
}
