// The runs of automations in SQLite: they survive restarts, and each automation's latest are kept.
import { AutomationRun } from '../contract/automation.ts'
import type { AutomationsLog } from '../core/ports/automations.ts'
import { openSqlite } from './sqlite-file.ts'

/** Of each automation. */
const KEPT = 200

const SCHEMA = `
  CREATE TABLE automation_run (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    name     TEXT NOT NULL,
    run      TEXT NOT NULL
  ) STRICT;
  CREATE INDEX automation_run_name ON automation_run (name, position);
`

/** A file that is damaged is set aside, never deleted; `notices` says where it went. */
export function openAutomations(file: string): AutomationsLog & { close(): void; readonly notices: readonly string[] } {
  const { database, notices } = openSqlite({ file, name: 'history of automations', version: 1, schema: SCHEMA })
  const put = database.prepare(
    'INSERT INTO automation_run (id, name, run) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET run = excluded.run',
  )
  const runs = database.prepare('SELECT run FROM automation_run WHERE name = ? ORDER BY position DESC LIMIT ?')
  const prune = database.prepare(
    `DELETE FROM automation_run WHERE name = :name AND position <= coalesce(
       (SELECT position FROM automation_run WHERE name = :name ORDER BY position DESC LIMIT 1 OFFSET ${KEPT}), 0)`,
  )
  return {
    put(run) {
      put.run(run.id, run.name, JSON.stringify(run))
      prune.run({ name: run.name })
    },
    runs: (name, limit) => runs.all(name, limit).map(({ run }) => AutomationRun.parse(JSON.parse(String(run)))),
    close: () => database.close(),
    notices,
  }
}
