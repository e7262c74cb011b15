// Times as SQL: the database's now() is the only clock, and the transaction's TimeZone says what naive times mean.

/** ISO 8601 in UTC with milliseconds; null for null and for infinity. */
export function isoOf(time: string): string {
  const at = `(${time})::timestamptz`
  return `CASE WHEN isfinite(${at}) THEN to_char(${at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END`
}

/** Age in ms; an application whose clock runs ahead makes it 0, never negative. */
export function ageOf(time: string): string {
  const at = `(${time})::timestamptz`
  return `CASE WHEN isfinite(${at}) THEN greatest(0, extract(epoch FROM now() - ${at})::float8 * 1000) END`
}

/** Milliseconds between two times. */
export function spanOf(from: string, to: string): string {
  return `extract(epoch FROM (${to})::timestamptz - (${from})::timestamptz)::float8 * 1000`
}
