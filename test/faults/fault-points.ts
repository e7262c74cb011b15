// Deterministic faults at the effects of one operation from its intent on: each Redis command, SQL statement, and write to a file.
import { AsyncLocalStorage } from 'node:async_hooks'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { Redis } from 'ioredis'
import pg from 'pg'

export type FaultKind = 'kill' | 'cut' | 'disk full'
type Source = 'redis' | 'postgres' | 'file' | 'history'

/** Faults that can happen to each source: a connection is cut, a disk is full, and a process is killed anywhere. */
const possible: Readonly<Record<FaultKind, readonly Source[]>> = {
  kill: ['redis', 'postgres', 'file', 'history'],
  cut: ['redis', 'postgres'],
  'disk full': ['file', 'history'],
}

export interface Fault {
  readonly kind: FaultKind
  /** Counted from 1; more than there are never happens, which is how the points are counted. */
  readonly point: number
  /** Really ends the process, in place of standing still as a dead one does. */
  die?(): void
  /** Cuts every connection and refuses new ones until it is healed. */
  cut?(): void
}

/** What happens to the operation that runs inside it. */
export interface FaultPlan {
  readonly fault: Fault
  /** Points passed so far that the kind of fault applies to. */
  points: number
  /** What the fault came to, once it has happened. */
  at: string | null
  /** The intent is about to be made durable, or is: what comes before has no effect that could be lost. */
  begun: boolean
  /** Killed: nothing in its context does anything any more. */
  dead: boolean
  full: boolean
  /** How to end each connection that it has used. */
  readonly connections: Map<object, () => void>
}

const context = new AsyncLocalStorage<FaultPlan>()
const never = new Promise<never>(() => undefined)

class Killed extends Error {}

export function faultPlan(fault: Fault): FaultPlan {
  return { fault, points: 0, at: null, begun: false, dead: false, full: false, connections: new Map() }
}

/**
 * Runs `work` with its fault. Resolves with what it returns, or with null once it was killed: what the work awaits then
 * never settles, and its connections are closed, as those of a process that has ended.
 */
export async function withFault<T>(plan: FaultPlan, work: () => Promise<T>): Promise<T | null> {
  const killed = Promise.withResolvers<null>()
  onKill.set(plan, () => killed.resolve(null))
  try {
    return await Promise.race([context.run(plan, work), killed.promise])
  } finally {
    onKill.delete(plan)
  }
}
const onKill = new Map<FaultPlan, () => void>()

/** Called before and after each effect of the operation. Returns false when it may not go on. */
function pass(source: Source, label: string): boolean {
  const plan = context.getStore()
  if (plan === undefined) return true
  if (plan.dead) return false
  const { kind } = plan.fault
  if (!plan.begun || !possible[kind].includes(source)) return true
  plan.points++
  if (plan.points !== plan.fault.point) return true
  plan.at = `${source}: ${label}`
  if (kind === 'cut') plan.fault.cut?.()
  if (kind === 'disk full') plan.full = true
  if (kind !== 'kill') return true
  plan.fault.die?.()
  plan.dead = true
  for (const destroy of plan.connections.values()) destroy()
  onKill.get(plan)?.()
  return false
}

const isFull = () => context.getStore()?.full === true

function around<T>(source: Source, label: string, run: () => Promise<T>): Promise<T> {
  if (!pass(source, `before ${label}`)) return never
  if (source === 'file' && isFull()) return Promise.reject(noSpace(label))
  return run().then(
    (value) => (pass(source, `after ${label}`) ? value : never),
    (error: unknown) => {
      if (context.getStore()?.dead === true) return never
      throw error
    },
  )
}

function aroundNow<T>(label: string, run: () => T): T {
  if (!pass('history', `before ${label}`)) throw new Killed()
  if (isFull()) throw new Error('database or disk is full')
  const value = run()
  if (!pass('history', `after ${label}`)) throw new Killed()
  return value
}

function noSpace(label: string): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, ${label}`), { code: 'ENOSPC', errno: -28 })
}

const commands = new WeakMap<object, string>()

/** The Redis command whose promise this is; for an error that nothing handles. */
export function commandOf(promise: object): string {
  return commands.get(promise) ?? 'no command'
}

/** Once for a process, before anything is imported that keeps a function of `node:fs/promises`. */
export function installFaultPoints(): void {
  const { sendCommand } = Redis.prototype
  Redis.prototype.sendCommand = function (this: Redis, command, stream) {
    const plan = context.getStore()
    commands.set(command.promise, `${command.name} ${String(command.args[0] ?? '')}`)
    if (plan === undefined) return sendCommand.call(this, command, stream)
    plan.connections.set(this, () => this.disconnect())
    const result = around('redis', String(command.name), () => Promise.resolve(sendCommand.call(this, command, stream)))
    // A pipeline looks at the promise of the command and not at this one.
    result.catch(() => undefined)
    return result
  }

  const { query } = pg.Client.prototype
  // The overloads of pg all end in a promise or a callback.
  pg.Client.prototype.query = function (
    this: pg.Client & { connection: { stream: { destroy(): void } } },
    ...args: unknown[]
  ) {
    const plan = context.getStore()
    const run = query as (...all: unknown[]) => unknown
    const callback = args.at(-1)
    if (plan === undefined || typeof args[0] !== 'string') return run.apply(this, args)
    plan.connections.set(this, () => this.connection.stream.destroy())
    const label = args[0].trim().split(/\s+/).slice(0, 2).join(' ')
    if (typeof callback !== 'function')
      return around('postgres', label, () => run.apply(this, args) as Promise<unknown>)
    around('postgres', label, () => run.apply(this, args.slice(0, -1)) as Promise<unknown>).then(
      (result) => callback(null, result),
      (error) => callback(error),
    )
    return undefined
  } as typeof pg.Client.prototype.query

  for (const name of ['open', 'rename', 'rm', 'mkdir', 'chown', 'chmod', 'copyFile', 'writeFile'] as const) {
    const original = fs.promises[name] as (...args: unknown[]) => Promise<unknown>
    Object.assign(fs.promises, {
      [name]: (...args: unknown[]) => {
        const plan = context.getStore()
        if (plan === undefined || (name === 'open' && args[1] === 'r')) return original(...args)
        return around('file', name, () => original(...args)).then((result) =>
          name === 'open' ? watched(result as fs.promises.FileHandle) : result,
        )
      },
    })
  }
  syncBuiltinESMExports()

  const run = StatementSync.prototype.run as (...args: unknown[]) => ReturnType<StatementSync['run']>
  StatementSync.prototype.run = function (this: StatementSync, ...args: unknown[]) {
    const plan = context.getStore()
    if (plan === undefined) return run.apply(this, args)
    if (/^INSERT INTO intent/.test(this.sourceSQL)) plan.begun = true
    return aroundNow(this.sourceSQL.slice(0, 30), () => run.apply(this, args))
  }
  const { exec } = DatabaseSync.prototype
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql) {
    // A rollback works on a full disk too.
    if (context.getStore() === undefined || sql === 'ROLLBACK') return exec.call(this, sql)
    return aroundNow(sql, () => exec.call(this, sql))
  }
}

function watched(handle: fs.promises.FileHandle): fs.promises.FileHandle {
  const write = handle.writeFile.bind(handle)
  const sync = handle.sync.bind(handle)
  return Object.assign(handle, {
    writeFile: (...args: Parameters<typeof write>) => around('file', 'write', () => write(...args)),
    sync: () => around('file', 'sync', sync),
  })
}
