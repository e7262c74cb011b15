// The life of findings and what alerts said, in SQLite: 30 days of events, bounded; what has not cleared is always kept.
import { FindingEvent } from '../contract/finding-life.ts'
import type { AlertsMemory, FindingsLog } from '../core/ports/findings.ts'
import { openSqlite, together } from './sqlite-file.ts'

const KEPT_DAYS = 30
/** A finding that comes and goes all day long must not fill the disk: about 15 MB at the most. */
const KEPT_EVENTS = 10_000
/** Old events go when the file is opened and after so many new ones. */
const PRUNE_EVERY = 500

const SCHEMA = `
  CREATE TABLE finding_event (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    at       TEXT NOT NULL,
    key      TEXT NOT NULL,
    change   TEXT NOT NULL,
    event    TEXT NOT NULL
  ) STRICT;
  CREATE INDEX finding_event_at ON finding_event (at);
  CREATE INDEX finding_event_key ON finding_event (key, position);
  CREATE TABLE alert (key TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
`
const LAST = 'SELECT max(position) FROM finding_event GROUP BY key'

export interface FindingsFile extends FindingsLog {
  readonly alerts: AlertsMemory
  readonly notices: readonly string[]
  close(): void
}

/** A file that is damaged is set aside, never deleted; `notices` says where it went. */
export function openFindings(file: string): FindingsFile {
  const { database, notices } = openSqlite({ file, name: 'history of findings', version: 1, schema: SCHEMA })
  const insert = database.prepare('INSERT INTO finding_event (at, key, change, event) VALUES (?, ?, ?, ?)')
  const between = database.prepare('SELECT event FROM finding_event WHERE at >= ? AND at < ? ORDER BY position')
  const latest = database.prepare(`SELECT event FROM finding_event WHERE position IN (${LAST}) ORDER BY position`)
  const prune = database.prepare(
    `DELETE FROM finding_event
     WHERE (at < ? OR position <= (SELECT max(position) FROM finding_event) - ${KEPT_EVENTS})
       AND NOT (change <> 'cleared' AND position IN (${LAST}))`,
  )
  const alerts = database.prepare('SELECT key, state FROM alert')
  const alert = database.prepare('INSERT INTO alert (key, state) VALUES (?, ?)')
  let appended = 0

  function forget(): void {
    prune.run(new Date(Date.now() - KEPT_DAYS * 24 * 60 * 60_000).toISOString())
    appended = 0
  }
  forget()

  return {
    append(events) {
      if (events.length === 0) return
      together(database, () => {
        for (const event of events) insert.run(event.at, event.key, event.change, JSON.stringify(event))
      })
      appended += events.length
      if (appended >= PRUNE_EVERY) forget()
    },
    between: (from, to) => between.all(from, to).map(({ event }) => written(event)),
    latest: () => latest.all().map(({ event }) => toEvent(event)),
    alerts: {
      read: () => alerts.all().map(({ key, state }) => [String(key), String(state)] as const),
      write: (states) =>
        together(database, () => {
          database.exec('DELETE FROM alert')
          for (const [key, state] of states) alert.run(key, state)
        }),
    },
    close: () => database.close(),
    notices,
  }
}

/** As this program wrote it: checking ten thousand of them against the schema would hold the core for a second. */
function written(json: unknown): FindingEvent {
  return JSON.parse(String(json)) as FindingEvent
}

function toEvent(json: unknown): FindingEvent {
  return FindingEvent.parse(JSON.parse(String(json)))
}
