// Alerts as they reach a page: each once, replaced by its successor, gone when answered; and the words of findings.
import { describe, expect, test } from 'vitest'
import { createStore } from 'zustand/vanilla'
import type { Alert } from '../../electron/contract/alert.ts'
import type { FindingEpisode } from '../../electron/contract/finding-life.ts'
import { watchAlerts } from '../../renderer/alert-watch.ts'
import type { LiveState } from '../../renderer/live.ts'
import { createNotices } from '../../renderer/notices.ts'
import { episodeRows, saidOf, selectOthers } from '../../renderer/select-findings.ts'
import { aFinding, anAlert, untouched } from '../support/finding-builders.ts'
import { ago, MINUTE, NOW, snapshot } from '../support/snapshot-builders.ts'

const now = Date.parse(NOW)
const state = (alerts: Alert[], findings = [aFinding()]): LiveState => ({
  snapshot: snapshot({ alerts, findings }),
  clockAheadMs: 0,
  link: { state: 'open' },
})

/** What the alerts are about. */
const there = ['a', 'b'].map((key) => aFinding({ key }))

describe('watchAlerts', () => {
  function watched() {
    const store = createStore<LiveState>(() => ({ snapshot: null, clockAheadMs: 0, link: { state: 'connecting' } }))
    const told: string[] = []
    watchAlerts(store, { show: ({ id }) => told.push(`show ${id}`), gone: (group) => told.push(`gone ${group}`) })
    const tell = (alerts: Alert[], findings = there) => {
      told.length = 0
      store.setState(state(alerts, findings))
      return [...told]
    }
    return { store, tell }
  }

  test('shows each once, its successor in its place, and takes away what no longer stands', () => {
    const { tell } = watched()
    const slow = anAlert({ group: 'slow' })
    expect(tell([])).toEqual([])
    expect(tell([slow, anAlert()])).toEqual([`show ${anAlert().id}`, `show ${slow.id}`])
    expect(tell([slow, anAlert({ keys: ['a', 'b'] })])).toEqual([])
    const later = anAlert({ at: ago(-15 * MINUTE), reason: 'unanswered' })
    expect(tell([later, slow])).toEqual([`show ${later.id}`])
    expect(tell([slow])).toEqual([`gone ${later.group}`])
  })

  test('goes with its finding, before the core lets the alert go, and is not said again when it comes back', () => {
    const { tell } = watched()
    expect(tell([anAlert()])).toEqual([`show ${anAlert().id}`])
    expect(tell([anAlert()], [])).toEqual([`gone ${anAlert().group}`])
    expect(tell([anAlert()], there)).toEqual([])
  })

  test('a page that comes late shows what is fresh; what stood before is on its screen', () => {
    const { tell, store } = watched()
    const old = anAlert({ group: 'old', at: ago(2 * MINUTE) })
    expect(tell([anAlert(), old])).toEqual([`show ${anAlert().id}`])
    // A link that was lost shows afterwards what came meanwhile, and nothing again.
    store.setState({ link: { state: 'lost', sinceMs: 0, because: 'so' } })
    expect(tell([anAlert({ group: 'new', at: ago(2 * MINUTE) }), anAlert(), old])).toHaveLength(1)
  })
})

test('a notice of an alert takes the place of the one before it, and settles', () => {
  const notices = createNotices()
  notices.alert(anAlert())
  notices.alert(anAlert({ title: 'Still there.' }))
  expect(notices.store.getState()).toMatchObject([{ kind: 'alert', alert: { title: 'Still there.' } }])
  notices.say('Kept.')
  notices.settle(anAlert().group)
  expect(notices.store.getState()).toMatchObject([{ kind: 'sentence' }])
})

describe('what was said', () => {
  test('stands with who and until when, and what it was before', () => {
    expect(saidOf(aFinding({ life: untouched }), now)).toEqual({
      ...{ text: null, acknowledged: false, snoozed: false, changed: null },
    })
    const changed = { at: NOW, severity: 'warning' as const, headline: '' }
    const life = { changed, acknowledged: { at: NOW, by: 'ops' }, snoozedUntil: ago(-60 * MINUTE) }
    const said = saidOf(aFinding({ life }), now)
    expect(said.text).toMatch(/^Acknowledged by ops \d\d:\d\d · Snoozed until /)
    expect(said.changed).toMatch(/^was Attention until \d\d:\d\d$/)
  })

  test('the others are all but the verdict, and a source that is silent is no failure', () => {
    const lost = aFinding({ key: 'b', rule: 'source-unreachable', severity: 'warning', since: ago(3 * MINUTE) })
    const all = state([], [aFinding(), lost])
    expect(selectOthers(all, now, aFinding().key)).toMatchObject([{ key: 'b', level: 'unknown', age: '3 min' }])
  })

  test('an episode says how long, and what happened between its beginning and its end', () => {
    const change = { severity: 'warning' as const, headline: 'It is late.', until: null, by: null }
    const episode: FindingEpisode = {
      ...{ key: 'a', rule: 'heartbeat-stale', system: 'calls', severity: 'critical', headline: 'It is stuck.' },
      ...{ since: ago(30 * MINUTE), clearedAt: ago(10 * MINUTE) },
      changes: [
        { ...change, at: ago(30 * MINUTE), change: 'appeared' },
        { ...change, at: ago(20 * MINUTE), change: 'changed', severity: 'critical', headline: 'It is stuck.' },
        { ...change, at: ago(15 * MINUTE), change: 'acknowledged', by: 'ops' },
        { ...change, at: ago(10 * MINUTE), change: 'cleared' },
      ],
    }
    expect(episodeRows([episode], now)).toMatchObject([
      { open: false, lasted: '20 min', changes: [expect.stringMatching(/ Critical$/), expect.stringMatching(/ops$/)] },
    ])
    expect(episodeRows([{ ...episode, clearedAt: null }], now)).toMatchObject([{ open: true, lasted: '30 min' }])
  })
})
