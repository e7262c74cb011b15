// While a sample is walked through, what is made up: which systems, and the state without the person's own.

import { isSample } from '../electron/contract/sample.ts'
import type { Snapshot } from '../electron/contract/snapshot.ts'
import type { LiveState } from './live.ts'

export function sampleSystems(snapshot: Snapshot | null): string[] {
  return snapshot?.systems.flatMap(({ id }) => (isSample(id) ? [id] : [])) ?? []
}

const narrowed = new WeakMap<Snapshot, Snapshot>()

/** The sample alone while one runs, so that its verdict is the verdict; everything otherwise. The same for the same. */
export function walkedThrough(snapshot: Snapshot): Snapshot {
  if (!snapshot.systems.some(({ id }) => isSample(id))) return snapshot
  const known = narrowed.get(snapshot)
  if (known !== undefined) return known
  const made = {
    ...snapshot,
    systems: snapshot.systems.filter(({ id }) => isSample(id)),
    findings: snapshot.findings.filter(({ system }) => isSample(system)),
  }
  narrowed.set(snapshot, made)
  return made
}

export function inSample(state: LiveState): LiveState {
  return state.snapshot === null ? state : { ...state, snapshot: walkedThrough(state.snapshot) }
}

export interface SampleBarModel {
  /** Changes when another sample, or none, runs. */
  readonly key: string
  /** Findings of the person's own systems that ask for something meanwhile. */
  readonly own: number
}

export function selectSampleBar({ snapshot }: LiveState): SampleBarModel | null {
  const systems = sampleSystems(snapshot)
  if (snapshot === null || systems.length === 0) return null
  const own = snapshot.findings.filter(({ system, severity }) => !isSample(system) && severity !== 'info').length
  return { key: systems.join(' '), own }
}
