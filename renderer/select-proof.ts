// What the Proof screen is about: which system, what it can show, and the heartbeats of what runs.
import { ago, duration } from './format.ts'
import type { LiveState } from './live.ts'
import type { ProofRoute } from './route.ts'
import { coreNow, defaultSystem, grown, lastValue, readAt, systemOf } from './select.ts'

export interface Heartbeats {
  readonly system: string
  readonly rows: readonly {
    id: string
    title: string
    ageMs: number | null
    /** Percent of the picture’s width. */
    share: number
    level: 'fresh' | 'late' | 'dead'
    text: string
  }[]
  readonly limitAt: number
  readonly note: string
}

export interface ProofModel {
  readonly system: string
  readonly systems: readonly string[]
  readonly hasBroker: boolean
  /** Only where jobs have lengths. */
  readonly hasLengths: boolean
  readonly hasEnv: boolean
  /** Changes when what was asked may have another answer. */
  readonly revision: string
  readonly beats: Heartbeats
}

/** Runbook 2: a heartbeat every 2 minutes; late after two are missed. */
const LATE_MS = 270_000
const MOST = 30

export function selectProof(state: LiveState, nowMs: number, route: ProofRoute): ProofModel | null {
  const { snapshot } = state
  const id = route.system ?? defaultSystem(snapshot)
  const system = systemOf(snapshot, id)
  if (snapshot === null || system === null) return null
  const now = coreNow(state, nowMs)
  const limit = lastValue(system.limits)?.heartbeatLimitMs ?? 900_000
  const ages = (lastValue(system.running) ?? [])
    .map(({ id: job, title, heartbeatAgeMs }) => ({
      ...{ id: job, title },
      ageMs: grown(heartbeatAgeMs, readAt(system.running), now),
    }))
    .toSorted((a, b) => (b.ageMs ?? 0) - (a.ageMs ?? 0))
  const scale = Math.max(limit * 1.35, Math.min(limit * 6, ...ages.slice(0, 1).map(({ ageMs }) => (ageMs ?? 0) * 1.1)))
  return {
    system: id,
    systems: snapshot.systems.map((one) => one.id),
    hasBroker: system.queues !== null,
    hasLengths: system.kind === 'local' || system.kind === 'recordings',
    hasEnv: system.env !== null,
    revision: JSON.stringify([lastValue(system.counts), lastValue(system.limits)?.taskTimeoutMs ?? null]),
    beats: {
      system: id,
      rows: ages.slice(0, MOST).map((one) => ({
        ...one,
        share: Math.min(100, ((one.ageMs ?? 0) / scale) * 100),
        level: (one.ageMs ?? 0) > limit ? 'dead' : (one.ageMs ?? 0) > LATE_MS ? 'late' : 'fresh',
        text: one.ageMs === null ? 'its heartbeat is unknown' : `heartbeat ${ago(one.ageMs)}, limit ${duration(limit)}`,
      })),
      limitAt: (limit / scale) * 100,
      note:
        ages.length === 0
          ? 'No job is running.'
          : `The line is the limit of ${duration(limit)}: beyond it a job counts as stuck.${ages.length > MOST ? ` ${ages.length - MOST} more beat as lately as the last.` : ''}`,
    },
  }
}
