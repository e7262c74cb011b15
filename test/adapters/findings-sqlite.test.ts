// The life of findings on disk: it survives restarts and damage, and is bounded in age.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openFindings } from '../../electron/adapters/findings-sqlite.ts'
import type { FindingChange, FindingEvent } from '../../electron/contract/finding-life.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
const opened: { close(): void }[] = []
afterEach(() => {
  for (const log of opened.splice(0)) log.close()
  folders.remove()
})

function open(file: string) {
  const log = openFindings(file)
  let closed = false
  const close = () => {
    if (!closed) log.close()
    closed = true
  }
  opened.push({ close })
  return { ...log, close }
}

function event(key: string, change: FindingChange, at: string): FindingEvent {
  return {
    ...{ at, key, change, until: null, by: null },
    finding: {
      ...{ key, rule: 'heartbeat-stale', severity: 'critical', system: 'stack', since: at },
      ...{ headline: 'A job — “ü” 💥 — is stuck.', explanation: '', evidence: [], notTheCause: [] },
      ...{ remedies: [], places: [], life: { changed: null, acknowledged: null, snoozedUntil: null } },
    },
  }
}

const today = (time: string) => `${new Date().toISOString().slice(0, 10)}T${time}.000Z`

test('events are there after a restart, in their order, and the last of each key is known', () => {
  const file = join(folders.path(), 'findings.sqlite')
  const first = open(file)
  const events = [
    event('a', 'appeared', today('00:00:01')),
    event('b', 'appeared', today('00:00:01')),
    event('a', 'cleared', today('00:00:02')),
  ]
  first.append(events)
  first.append([])
  first.close()
  const second = open(file)
  expect(second.between(today('00:00:00'), today('00:00:03'))).toEqual(events)
  expect(second.between(today('00:00:01'), today('00:00:02'))).toEqual(events.slice(0, 2))
  expect(second.latest()).toEqual(events.slice(1))
  expect(second.notices).toEqual([])
})

test('after 30 days events go, but never the last one of a finding that is still there', () => {
  const file = join(folders.path(), 'findings.sqlite')
  const old = '2020-01-01T00:00:00.000Z'
  const first = open(file)
  first.append([event('gone', 'appeared', old), event('gone', 'cleared', old), event('still', 'appeared', old)])
  first.append([event('still', 'changed', old), event('new', 'appeared', today('00:00:00'))])
  first.close()
  const second = open(file)
  expect(second.between(old, '9999-01-01T00:00:00.000Z').map(({ key, change }) => [key, change])).toEqual([
    ['still', 'changed'],
    ['new', 'appeared'],
  ])
})

test('a damaged file is set aside and said', () => {
  const file = join(folders.path(), 'findings.sqlite')
  writeFileSync(file, 'this is no database, and long enough to be told from an empty one'.repeat(100))
  const log = open(file)
  expect(log.notices).toEqual([expect.stringMatching(/^The history of findings could not be read and was set aside/)])
  log.append([event('a', 'appeared', today('00:00:01'))])
  expect(log.latest()).toHaveLength(1)
})

test('what alerts have said is there after a restart, and is replaced as a whole', () => {
  const file = join(folders.path(), 'findings.sqlite')
  const first = open(file)
  expect(first.alerts.read()).toEqual([])
  first.alerts.write([
    ['a', '{"stage":"said"}'],
    ['b — “ü”', '{}'],
  ])
  first.alerts.write([['a', '{"stage":"persisting"}']])
  first.close()
  expect(open(file).alerts.read()).toEqual([['a', '{"stage":"persisting"}']])
})
