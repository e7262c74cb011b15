// diffSnapshots and applyEvent: each other's proof, shared by the core and every view.
import type { LiveEvent, Snapshot, SnapshotChanges, SystemSnapshot } from './snapshot.ts'

export type ChangedEvent = Extract<LiveEvent, { kind: 'changed' }>

/** Equal as JSON is: by value, in any key order. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    return a.every((item, index) => sameValue(item, b[index]))
  }
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && sameValue(field(a, key), field(b, key)))
}

/**
 * `next`, with every part that equals its counterpart in `before` replaced by that very object, so that a view
 * comparing references sees exactly what changed. List entries are matched by `id` or `key`, else by place.
 */
export function keepSame<T>(before: unknown, next: T): T
export function keepSame(before: unknown, next: unknown): unknown {
  if (sameValue(before, next)) return before
  if (Array.isArray(next) && Array.isArray(before)) {
    const named = new Map(before.map((item) => [nameOf(item), item]))
    return next.map((item, index) => {
      const name = nameOf(item)
      return keepSame(name === null ? before[index] : named.get(name), item)
    })
  }
  if (isObject(next) && isObject(before))
    return Object.fromEntries(Object.entries(next).map(([key, value]) => [key, keepSame(field(before, key), value)]))
  return next
}

/** What must be told to somebody who holds `from`, so that he holds `to`; null when only number and time differ. */
export function diffSnapshots(from: Snapshot, to: Snapshot): ChangedEvent | null {
  const before = new Map(from.systems.map((system) => [system.id, system]))
  const after = new Set(to.systems.map((system) => system.id))
  const changed = to.systems.flatMap((system) => {
    const old = before.get(system.id)
    const fields = old === undefined ? null : changedFields(old, system)
    return fields === null ? [] : [{ id: system.id, fields }]
  })
  const changes: SnapshotChanges = {
    added: to.systems.filter((system) => !before.has(system.id)),
    changed,
    removed: from.systems.map((system) => system.id).filter((id) => !after.has(id)),
    order: sameValue(ids(from.systems), ids(to.systems)) ? null : ids(to.systems),
    host: changedFields(from.host, to.host),
    findings: sameValue(from.findings, to.findings) ? null : to.findings,
    alerts: sameValue(from.alerts, to.alerts) ? null : to.alerts,
  }
  const { order, host, findings, alerts } = changes
  const nothing = changes.changed.length === 0 && [order, host, findings, alerts].every((part) => part === null)
  return nothing ? null : { kind: 'changed', sequence: to.sequence, at: to.at, changes }
}

/**
 * The snapshot after an event. An event it already contains changes nothing; a missing one in between is a `'gap'`,
 * and the answer to that is to ask for a whole snapshot.
 */
export function applyEvent(snapshot: Snapshot, event: LiveEvent): Snapshot | 'gap' {
  if (event.kind === 'snapshot') return keepSame(snapshot, event.snapshot)
  if (event.sequence <= snapshot.sequence) return snapshot
  if (event.sequence !== snapshot.sequence + 1) return 'gap'
  const systems = applySystems(snapshot.systems, event.changes)
  if (systems === 'gap') return 'gap'
  const { host, findings, alerts } = event.changes
  return {
    sequence: event.sequence,
    at: event.at,
    systems,
    host: host === null ? snapshot.host : { ...snapshot.host, ...defined(keepFields(snapshot.host, host)) },
    findings: findings === null ? snapshot.findings : keepSame(snapshot.findings, findings),
    alerts: alerts === null ? snapshot.alerts : keepSame(snapshot.alerts, alerts),
  }
}

function applySystems(systems: SystemSnapshot[], changes: SnapshotChanges): SystemSnapshot[] | 'gap' {
  if (changes.changed.length === 0 && changes.order === null) return systems
  const by = new Map(systems.map((system) => [system.id, system]))
  for (const id of changes.removed) by.delete(id)
  for (const system of changes.added) by.set(system.id, system)
  for (const { id, fields } of changes.changed) {
    const old = by.get(id)
    if (old === undefined) return 'gap'
    by.set(id, { ...old, ...defined(keepFields(old, fields)) })
  }
  const order = changes.order ?? ids(systems)
  const result = order.flatMap((id) => by.get(id) ?? [])
  return result.length === order.length ? result : 'gap'
}

function changedFields<T extends object>(from: T, to: T): Partial<T> | null {
  const fields: Partial<T> = {}
  let any = false
  for (const key of Object.keys(to) as (keyof T)[]) {
    if (sameValue(from[key], to[key])) continue
    fields[key] = to[key]
    any = true
  }
  return any ? fields : null
}

function keepFields<T extends object>(before: T, fields: { [K in keyof T]?: T[K] | undefined }): Partial<T> {
  const kept: Partial<T> = {}
  for (const key of Object.keys(fields) as (keyof T)[]) {
    const value = fields[key]
    if (value !== undefined) kept[key] = keepSame(before[key], value)
  }
  return kept
}

// `Partial` allows an absent key only (exactOptionalPropertyTypes); spreading needs the type without undefined.
function defined<T extends object>(fields: Partial<T>): { [K in keyof T]: T[K] } {
  return fields as { [K in keyof T]: T[K] }
}

function ids(systems: readonly SystemSnapshot[]): string[] {
  return systems.map((system) => system.id)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function field(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined
}

function nameOf(item: unknown): string | null {
  if (!isObject(item)) return null
  const name = field(item, 'key') ?? field(item, 'id')
  return typeof name === 'string' ? name : null
}
