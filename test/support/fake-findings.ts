// What people say to findings, for tests of links and shells: it is recorded, and the finding answers with its life.
import { FailureError } from '../../electron/contract/failure.ts'
import type { Finding } from '../../electron/contract/finding.ts'
import type { Core } from '../../electron/core/api.ts'
import { NOW } from './snapshot-builders.ts'

type Verbs = Pick<Core, 'acknowledge' | 'snooze' | 'wake' | 'episodes'>

export interface FakeFindings extends Verbs {
  /** In order: `acknowledge KEY by ACTOR`, `snooze KEY 60 by ACTOR`. */
  readonly said: readonly string[]
}

export function fakeFindings(now: () => readonly Finding[]): FakeFindings {
  const said: string[] = []
  function find(key: string): Finding {
    const found = now().find((one) => one.key === key)
    if (found !== undefined) return found
    const because = 'there is no such finding (any more)'
    throw new FailureError({ kind: 'missing', tried: 'Find the finding', on: key, because, remedy: null })
  }
  const life = { changed: null, acknowledged: null, snoozedUntil: null }
  return {
    said,
    acknowledge(key, { actor }) {
      said.push(`acknowledge ${key} by ${actor}`)
      return { ...find(key), life: { ...life, acknowledged: { at: NOW, by: actor } } }
    },
    snooze(key, minutes, { actor }) {
      said.push(`snooze ${key} ${minutes} by ${actor}`)
      return { ...find(key), life: { ...life, snoozedUntil: NOW } }
    },
    wake(key, { actor }) {
      said.push(`wake ${key} by ${actor}`)
      return { ...find(key), life }
    },
    episodes: () => [],
  }
}
