// The one moment all fixtures are about, and how they write instants.
export const BASE = Date.parse('2026-02-05T19:43:08.000Z')
export const STARTED = Date.parse('2026-02-05T16:43:08.000Z')
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const LONG_JOB = 'e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29'

/** `stuck` is runbook 0; `storm` has every bad state of a stack at once. */
export type Scenario = 'stuck' | 'clear' | 'fresh' | 'building' | 'critical' | 'storm'

export const iso = (ms: number) => new Date(ms).toISOString()
