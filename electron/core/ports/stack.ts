// What the core asks of a compose stack: its services, its .env, its own API, and new stacks.
import type { SystemId } from '../../contract/job.ts'
import type { ApiStatus, Service, ServiceLogPage, ServiceLogQuery, StackInfo } from '../../contract/service.ts'
import type { LocalHost } from '../../contract/snapshot.ts'
import type { Can } from './jobs.ts'

/** One compose project. Actions here are what run-action executes; they wait until the engine has done it. */
export interface Stack {
  info(signal: AbortSignal): Promise<StackInfo>
  services(signal: AbortSignal): Promise<readonly Service[]>
  /** The engine's event stream: a hint to read again, never the truth. */
  onChange(listener: () => void): () => void
  logs(query: ServiceLogQuery, signal: AbortSignal): Promise<ServiceLogPage>
  /** Environment of each running container of each service, unmasked: it never leaves the core as it is. */
  environments(
    signal: AbortSignal,
  ): Promise<readonly { service: string; container: string; values: Readonly<Record<string, string>> }[]>
  /** For each key of .env the services whose definition uses it; null when the compose files cannot be read. */
  uses(signal: AbortSignal): Promise<Readonly<Record<string, readonly string[]>> | null>
  start(service: string, signal: AbortSignal): Promise<void>
  stop(service: string, signal: AbortSignal): Promise<void>
  restart(service: string, signal: AbortSignal): Promise<void>
  /** Why the service cannot have replicas (`container_name`, a fixed host port), or that it can. */
  scalable(service: string, signal: AbortSignal): Promise<Can>
  scale(service: string, replicas: number, signal: AbortSignal): Promise<{ from: number; to: number }>
  /**
   * New containers for these services with the environment that the files say now (`changes` for an engine without the
   * compose CLI: null removes a key). As many as there are; one that is stopped stays stopped. Answers once those that
   * ran are healthy, or why not, with the end of their logs; `rolledBack` says whether the old containers are back.
   */
  recreate(
    services: readonly string[],
    changes: Readonly<Record<string, string | null>>,
    signal: AbortSignal,
  ): Promise<Recreated>
  /** The literal command a person would type, for previews. */
  command(verb: 'start' | 'stop' | 'restart' | 'recreate', services: readonly string[]): string
  scaleCommand(service: string, replicas: number): string
  /**
   * Repairs what an interrupted recreate left; one sentence for each repair, and for each that was not possible (again
   * only when its reason changes). Cheap where there is nothing to do; never touches a change that is in progress.
   */
  recover(signal: AbortSignal): Promise<readonly string[]>
  /** What is still unfinished after the last `recover` or change, one sentence each. */
  pending(): readonly string[]
  close(): Promise<void>
}

export type Recreated =
  | { ok: true; way: 'compose' | 'engine'; notes: readonly string[] }
  | { ok: false; way: 'compose' | 'engine'; because: string; log: readonly string[]; rolledBack: boolean }

/** A .env file: read with its exact bytes, replaced in one step only when unchanged since. */
export interface EnvFile {
  readonly path: string
  read(signal: AbortSignal): Promise<EnvText>
  /** Of the file, when it has this text. */
  hashOf(text: string): string
  /** Copies the file beside it, readable by its owner only; refuses as stale when it is no longer `hash`. Returns the copy's path. */
  backUp(hash: string): Promise<string>
  /** @throws FailureError for a copy that is missing, or is none of this file's. */
  readBackup(backup: string, signal: AbortSignal): Promise<EnvText>
  /** Removes what an interrupted write left beside the file: a text that never took its place. */
  removeLeftovers(): Promise<void>
  /** Replaces the file; refuses as stale when it is no longer `hash`. Without `backup` it makes one first. */
  replace(text: string, hash: string, backup?: string): Promise<{ backup: string; hash: string }>
}

export interface EnvText {
  /** With BOM and line ends as they are. */
  readonly text: string
  readonly hash: string
}

/** The stack's own HTTP API. */
export interface QueueApi {
  status(signal: AbortSignal): Promise<ApiStatus>
}

/** Where a new stack goes, its compose project, and the id Unjam will watch it by. */
export interface StackOrder {
  readonly folder: string
  readonly project: string
  readonly id: SystemId
}

/** What was created, so that it can be taken away where nobody has changed it. */
export interface CreatedStack extends StackOrder {
  readonly files: readonly { path: string; sha256: string }[]
}

/** Writes and starts new stacks; one that exists is never touched. */
export interface StackMaker {
  /** @throws when the folder is not empty, a name is taken, or the engine has anything of a project of that name. */
  plan(
    order: StackOrder,
    signal: AbortSignal,
  ): Promise<{
    readonly files: readonly string[]
    /** Name of the model that is copied into it; null: it begins without one. */
    readonly model: string | null
    readonly command: string
  }>
  /**
   * Resolves when it runs and is among the systems; takes everything away again when it does not come up. `beforeWrite`
   * gets what will be written, and may throw: then nothing is.
   */
  create(order: StackOrder, beforeWrite: (planned: CreatedStack) => void, signal: AbortSignal): Promise<CreatedStack>
  /**
   * After an interrupted `create`: true when it was completed, else everything that it left is taken away. Files that
   * are not as planned stay.
   */
  settle(planned: CreatedStack, signal: AbortSignal): Promise<{ created: boolean; kept: readonly string[] }>
  remove(created: CreatedStack, signal: AbortSignal): Promise<{ removed: number; kept: readonly string[] }>
  state(): LocalHost['stackCreation']
  onChange(listener: () => void): () => void
}
