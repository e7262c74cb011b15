// What the Stack screen derives: the engine in one line, services as rows with what is wrong with each, and .env drift.
import type { EnvEntry, Service, StackInfo } from '../electron/contract/service.ts'
import type { SystemSnapshot } from '../electron/contract/snapshot.ts'
import { ago, bytes, duration, time, when } from './format.ts'
import type { LiveState } from './live.ts'
import type { GlyphName } from './parts/glyph-shapes.tsx'
import type { StackRoute } from './route.ts'
import { coreNow, defaultSystem, type Level, lastValue, readAt, type Shown, shown } from './select.ts'

export interface ServiceRow {
  readonly key: string
  readonly service: Service
  /** “worker”, or “worker 2” where it has replicas. */
  readonly name: string
  readonly glyph: GlyphName
  readonly level: Level
  readonly word: string
  /** What is wrong with it, in a sentence of its own. */
  readonly because: string | null
  readonly cpu: string
  readonly memory: string
  readonly uptime: string
}

export interface StackModel {
  /** Systems with a compose project. */
  readonly systems: readonly string[]
  readonly system: string
  readonly info: Shown<StackInfo>
  readonly services: Shown<readonly ServiceRow[]>
  /** Keys that are edited but not applied. */
  /** What its own API says, against the database; null where none is configured. */
  readonly api: Shown<string> | null
  readonly drifted: Shown<readonly EnvEntry[]>
  readonly hasEnv: boolean
  readonly read: string
  readonly level: Level
  readonly revision: string
  readonly envRevision: string
  readonly now: number
}

export function selectStack(state: LiveState, nowMs: number, route: StackRoute): StackModel | null {
  const now = coreNow(state, nowMs)
  const systems = state.snapshot?.systems.filter(({ services, env }) => services !== null || env !== null) ?? []
  const wanted = route.system ?? defaultSystem(state.snapshot)
  const system = systems.find(({ id }) => id === wanted) ?? systems[0]
  if (system === undefined) return null
  const services = of(system.services, now)
  const rows = services.value?.map((service) => serviceRow(service, services.value ?? [], now)) ?? null
  const env = of(system.env, now)
  return {
    systems: systems.map(({ id }) => id),
    system: system.id,
    info: of(system.stack, now),
    services: { value: rows, lost: services.lost },
    api: system.api === null ? null : apiShown(system, system.api, now),
    drifted: { value: env.value?.entries.filter(({ unapplied }) => unapplied) ?? null, lost: env.lost },
    hasEnv: system.env !== null,
    read: readText(system, now),
    level: services.lost !== null ? 'unknown' : worst(rows ?? []),
    revision: (services.value ?? []).map(({ id, state: one, health }) => `${id}${one}${health}`).join(),
    envRevision: system.env === null ? '' : JSON.stringify(lastValue(system.env)),
    now,
  }
}

const apiWords = { queued: 'queued', running: 'processing', done: 'done', failed: 'failed' } as const

/** “Its own API says 20 queued, 1 processing, as the database does”, or where both differ. */
function apiShown(system: SystemSnapshot, reading: NonNullable<SystemSnapshot['api']>, now: number): Shown<string> {
  const { value: api, lost } = shown(reading, now)
  if (api === null) return { value: null, lost }
  const counts = lastValue(system.counts)
  const told = (Object.keys(apiWords) as (keyof typeof apiWords)[]).flatMap((state) => {
    const says = api[state]
    return says === null ? [] : [{ says, word: apiWords[state], database: counts?.[state] ?? null }]
  })
  const differs = told.filter(({ says, database }) => database !== null && database !== says)
  const text = `Its own API says ${told.map(({ says, word }) => `${says} ${word}`).join(', ')}`
  if (counts === null) return { value: text, lost }
  if (differs.length === 0) return { value: `${text}, as the database does`, lost }
  const other = differs.map(({ database, word }) => `${database} ${word}`).join(', ')
  return { value: `${text}; the database says ${other}`, lost }
}

/** An absent part is neither known nor lost: it is not configured. */
function of<T>(reading: Parameters<typeof shown<T>>[0] | null, now: number): Shown<T> {
  return reading === null ? { value: null, lost: null } : shown(reading, now)
}

function readText(system: SystemSnapshot, now: number): string {
  if (system.services === null) return ''
  const age = ago(now - time(readAt(system.services)))
  return system.services.status === 'known' ? `read ${age}` : `last known ${age}: ${system.services.failure.because}`
}

function worst(rows: readonly ServiceRow[]): Level {
  for (const level of ['critical', 'warning'] as const) if (rows.some((row) => row.level === level)) return level
  return 'clear'
}

/** “Project app in C:\app · Docker 27.3.1 (API 1.47, linux) at npipe://… · compose 2.29.7”. */
export function engineLine({ project, workingDir, engine, compose }: StackInfo): string {
  return [
    `Project ${project} in ${workingDir}`,
    `Docker ${engine.version} (API ${engine.apiVersion}, ${engine.os}) at ${engine.endpoint}`,
    compose === null ? 'no compose CLI: changes go through the engine' : `compose ${compose}`,
  ].join(' · ')
}

function serviceRow(service: Service, all: readonly Service[], now: number): ServiceRow {
  const replicas = all.filter((one) => one.service === service.service).length
  const running = service.state === 'running' || service.state === 'paused'
  const { memoryBytes, memoryLimitBytes, startedAt, endedAt, cpuPercent } = service
  const limit = memoryLimitBytes === null ? '' : ` of ${bytes(memoryLimitBytes)}`
  const ended = endedAt === null ? '–' : `ended ${when(time(endedAt), now)}`
  return {
    key: service.id,
    service,
    name: replicas > 1 ? `${service.service} ${service.number}` : service.service,
    ...stateOf(service),
    because: becauseOf(service),
    cpu: cpuPercent === null ? '–' : `${cpuPercent.toFixed(cpuPercent < 9.95 ? 1 : 0)} %`,
    memory: memoryBytes === null ? '–' : `${bytes(memoryBytes)}${limit}`,
    uptime: running ? (startedAt === null ? '–' : duration(now - time(startedAt))) : ended,
  }
}

function stateOf({ state, health, exitCode, outOfMemory }: Service): { glyph: GlyphName; level: Level; word: string } {
  switch (state) {
    case 'running':
      if (health === 'unhealthy') return { glyph: 'critical', level: 'critical', word: 'unhealthy' }
      if (health === 'starting') return { glyph: 'running', level: 'info', word: 'starting' }
      return { glyph: 'done', level: 'clear', word: health === null ? 'running, unchecked' : 'healthy' }
    case 'paused':
      return { glyph: 'skipped', level: 'warning', word: 'paused' }
    case 'restarting':
      return { glyph: 'critical', level: 'critical', word: 'restarting' }
    case 'exited':
      if (outOfMemory) return { glyph: 'failed', level: 'critical', word: 'out of memory' }
      return exitCode === 0
        ? { glyph: 'skipped', level: 'warning', word: 'stopped' }
        : { glyph: 'failed', level: 'critical', word: `exited with ${exitCode ?? 'an unknown code'}` }
    case 'dead':
      return { glyph: 'failed', level: 'critical', word: 'dead' }
    case 'created':
      return { glyph: 'queued', level: 'info', word: 'never started' }
    case 'removing':
      return { glyph: 'info', level: 'info', word: 'being removed' }
  }
}

function becauseOf({ state, health, healthOutput, exitCode, restarts, outOfMemory }: Service): string | null {
  if (outOfMemory) return 'The kernel ended it because memory ran out; exit code 137.'
  if (state === 'restarting') return `It ended with exit code ${exitCode ?? 'unknown'}; ${restarts} restarts so far.`
  if (exitCode === 137) return 'It was killed (exit code 137), not by running out of memory.'
  return health === 'unhealthy' ? (healthOutput ?? 'Its health check fails without saying anything.') : null
}

/** “worker still has 1800”: what containers have where it is not what the file says. */
export function driftText({ value, running, secret }: EnvEntry): string {
  const others = running.filter((one) => one.value !== value)
  const names = (secret ? running : others).map((one) =>
    secret ? one.service : `${one.service} still has ${one.value ?? 'no value'}`,
  )
  return secret
    ? `Another value than the file’s is in ${names.join(', ')}.`
    : `The file says ${value ?? 'nothing'}, but ${names.join(', ')}.`
}

/** Why this press would do nothing; null where it may. */
export function serviceDeaf(action: string, { state }: Service): string | null {
  const up = state === 'running' || state === 'restarting' || state === 'paused'
  if (action === 'start-service') return up && state !== 'paused' ? 'It runs already.' : null
  if (action === 'stop-service') return up ? null : 'It does not run.'
  return null
}
