// What is expected to end when, and from which speed that was learned.
import * as z from 'zod'
import { Instant } from './failure.ts'

/** Audio time per wall time. Eight jobs of ten are expected between `low` and `high`. */
export const Speed = z.object({
  median: z.number().positive(),
  low: z.number().positive(),
  high: z.number().positive(),
  /** Finished attempts that it was learned from. */
  samples: z.number().int(),
})
export type Speed = z.infer<typeof Speed>

/** By the core's clock; `from` and `to` in whole minutes, rounded outwards. */
export const ExpectedEnd = z.object({ at: Instant, from: Instant, to: Instant })
export type ExpectedEnd = z.infer<typeof ExpectedEnd>

export const Forecast = z.object({
  /** Of the system as a whole; null until something has finished. */
  speed: Speed.nullable(),
  /** Of running jobs whose end can be told. */
  jobs: z.array(z.object({ id: z.string(), ends: ExpectedEnd })),
  /** When everything that runs and waits now is done; null when length, speed or an end is unknown. */
  queue: ExpectedEnd.nullable(),
})
export type Forecast = z.infer<typeof Forecast>
