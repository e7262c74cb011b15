// The time zone of timestamps that carry none, guessed from the newest of them against now.

export interface ZoneClues {
  /** The newest naive time minus now in UTC, minutes; null when there is none. */
  readonly aheadMinutes: number | null
  /** The column's default expression. */
  readonly default: string | null
  /** Zones that are likely: of the database session and of this machine, with their offsets now, minutes. */
  readonly zones: readonly { readonly name: string; readonly offsetMinutes: number }[]
}

export interface ZoneGuess {
  readonly timeZone: string
  readonly reason: string
}

/** A heartbeat comes every two minutes (runbook 2): the newest of a table at work is that old at most, and some. */
const FRESH_MINUTES = 3
const AHEAD_MINUTES = 1

export function guessZone(column: string, { aheadMinutes, default: given, zones }: ZoneClues): ZoneGuess {
  const all = [{ name: 'UTC', offsetMinutes: 0 }, ...zones]
  if (aheadMinutes !== null) {
    const fits = (offset: number) => {
      const old = offset - aheadMinutes
      return old >= -AHEAD_MINUTES && old <= FRESH_MINUTES
    }
    const zone = all.find(({ offsetMinutes }) => fits(offsetMinutes))
    if (zone !== undefined)
      return { timeZone: zone.name, reason: `${column} has no time zone; its newest value fits ${zone.name} (a guess)` }
    const hours = Math.ceil((aheadMinutes - AHEAD_MINUTES) / 60)
    // Half-hour zones have names of their own, and nobody can tell which.
    if (fits(hours * 60) && Math.abs(hours) <= 14) {
      const name = `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
      return {
        timeZone: name,
        reason: `${column} has no time zone; its newest value is ${Math.abs(hours)} h ${hours > 0 ? 'ahead of' : 'behind'} UTC (a guess: name the zone itself where clocks change in summer)`,
      }
    }
  }
  const [session] = zones
  if (given !== null && /\bnow\(\)|current_timestamp/i.test(given) && !/utc/i.test(given) && session !== undefined)
    return {
      timeZone: session.name,
      reason: `${column} has no time zone and is filled by the database, whose zone is ${session.name} (a guess)`,
    }
  return {
    timeZone: 'UTC',
    reason: `${column} has no time zone, and no value is recent enough to tell which it is: UTC (a guess)`,
  }
}
