// The life of findings and what alerts have said, in memory, as their file keeps them.
import type { FindingEvent } from '../../electron/contract/finding-life.ts'
import type { AlertsMemory, FindingsLog } from '../../electron/core/ports/findings.ts'

export function memoryFindings(): FindingsLog & { readonly events: readonly FindingEvent[] } {
  const events: FindingEvent[] = []
  return {
    events,
    append: (more) => void events.push(...more),
    between: (from, to) => events.filter(({ at }) => from <= at && at < to),
    latest: () => events.filter(({ key }, index) => events.findLastIndex((one) => one.key === key) === index),
  }
}

export function memoryAlerts(): AlertsMemory {
  let states: readonly (readonly [string, string])[] = []
  return {
    read: () => states,
    write: (next) => {
      states = next
    },
  }
}

/** What a core needs of them, with no quiet hours. */
export function memoryLife() {
  return { findings: memoryFindings(), alerts: memoryAlerts(), quietHours: () => null }
}
