// What every host serves: the core's own verbs and the machine's, in the shape the procedures need.
import type { ActionInfo, ActionRequest, Preview, Receipt } from '../contract/action.ts'
import type { Automation, AutomationForecast, AutomationState } from '../contract/automation.ts'
import type { BundleFile, BundleQuery, Replay, ReportFile, ReportQuery } from '../contract/bundle.ts'
import type { Discovery, MappingProposal, PartCheck, RunsProposal } from '../contract/connecting.ts'
import type { Instant } from '../contract/failure.ts'
import type { Finding } from '../contract/finding.ts'
import type { FindingEpisode, FindingHistoryQuery } from '../contract/finding-life.ts'
import type { HistoryMoment, HistoryRange, RangeQuery } from '../contract/history.ts'
import type { CatalogModel, Check, HostInfo, LogPage, ModelResult } from '../contract/host.ts'
import type { AddReport, JobDetail, JobPage, JobQuery, Segment, SystemId, TranscriptFormat } from '../contract/job.ts'
import type { LimitReport, Reconciliation } from '../contract/proof.ts'
import type { MessagePage, MessageQuery, QuarantineEntry, QueueJobs, QueueJobsQuery } from '../contract/queue.ts'
import type { RunTree } from '../contract/run-tree.ts'
import type { SampleIncident, SampleName } from '../contract/sample.ts'
import type { EnvView, ServiceLogPage, ServiceLogQuery } from '../contract/service.ts'
import type { Settings, SettingsPatch, SystemSettings } from '../contract/settings.ts'
import type { LiveEvent, Snapshot } from '../contract/snapshot.ts'
import type { JobLedgers, ResultPage, ResultQuery } from '../contract/task.ts'

/** Who asks: given by the link, never by the message. `actor` is written into receipts. */
export interface Caller {
  readonly actor: string
  readonly via: 'window' | 'browser' | 'api' | 'terminal'
}

export interface JobRef {
  readonly system: SystemId
  readonly id: string
}

/** Policy: monitor, jobs, actions, receipts. Every failure is a FailureError. */
export interface Core {
  /** Begins polling; nothing is read before. */
  /** Settles changes that were interrupted, once: for a host that is not started, such as one command's. */
  settle(): Promise<void>
  start(): void
  stop(): Promise<void>
  /** Reads every source once, now, and answers with the result; works without `start`. */
  read(signal: AbortSignal): Promise<Snapshot>
  /** The newest snapshot there is; reads nothing. */
  latest(): Snapshot
  /** The snapshot, then coalesced changes (at most 10 a second) until the signal aborts. */
  watch(signal: AbortSignal): AsyncGenerator<LiveEvent, void, void>
  page(query: JobQuery, signal: AbortSignal): Promise<JobPage>
  detail(ref: JobRef, signal: AbortSignal): Promise<JobDetail>
  transcript(
    ref: JobRef & { from: number; limit: number },
    signal: AbortSignal,
  ): Promise<{ segments: Segment[]; next: number | null }>
  export(
    ref: JobRef & { format: TranscriptFormat },
    signal: AbortSignal,
  ): Promise<{ fileName: string; mimeType: string; text: string }>
  /** The recording on this machine, for the player; null when it is not here. */
  mediaPath(ref: JobRef, signal: AbortSignal): Promise<string | null>
  /** The job in broker, workers and past attempts; null where the system has no broker. */
  ledgers(ref: JobRef, signal: AbortSignal): Promise<JobLedgers | null>
  /** Crawl runs that have not ended, with where the task of each is. */
  runTree(system: SystemId, signal: AbortSignal): Promise<RunTree>
  /** What each time limit would do to the jobs there are. */
  limits(system: SystemId, signal: AbortSignal): Promise<LimitReport>
  /** Database, broker, workers and past attempts side by side. */
  reconcile(system: SystemId, signal: AbortSignal): Promise<Reconciliation>
  messages(query: MessageQuery, signal: AbortSignal): Promise<MessagePage>
  queueJobs(query: QueueJobsQuery, signal: AbortSignal): Promise<QueueJobs>
  results(query: ResultQuery, signal: AbortSignal): Promise<ResultPage>
  /** Messages moved out of queues that undo can put back, oldest first. */
  quarantines(system: SystemId, signal: AbortSignal): Promise<QuarantineEntry[]>
  serviceLogs(query: ServiceLogQuery, signal: AbortSignal): Promise<ServiceLogPage>
  /** One value of the .env as the file has it, shown on demand; null where the key is not set. */
  reveal(system: SystemId, key: string, signal: AbortSignal): Promise<string | null>
  env(system: SystemId, signal: AbortSignal): Promise<EnvView>
  add(system: SystemId, paths: readonly string[], signal: AbortSignal): Promise<AddReport>
  actions(system: SystemId, signal: AbortSignal): Promise<ActionInfo[]>
  preview(request: ActionRequest, signal: AbortSignal): Promise<Preview>
  execute(request: ActionRequest, fingerprint: string, caller: Caller): Promise<Receipt>
  receipts(limit: number, before: string | null): Receipt[]
  undo(receipt: string, caller: Caller): Promise<Receipt>
  /** Somebody works on it: alerts about it end until it persists, gets worse, or comes back. */
  acknowledge(finding: string, caller: Caller): Finding
  /** Alerts about it are quiet for so long. */
  snooze(finding: string, minutes: number, caller: Caller): Finding
  /** Takes back an acknowledgement or a snooze. */
  wake(finding: string, caller: Caller): Finding
  /** Appearances of findings, the latest first. */
  episodes(query: FindingHistoryQuery): FindingEpisode[]
}

/** The machine: worker log, models, settings, doctor. No policy in it. */
export interface Machine {
  workerLog(cursor: number, limit: number): LogPage
  models(): CatalogModel[]
  downloadModel(name: string): boolean
  cancelDownload(): boolean
  importModel(path: string, signal: AbortSignal): Promise<ModelResult>
  selectModel(fileName: string): Promise<ModelResult>
  settings(): Settings
  updateSettings(patch: SettingsPatch): Promise<Settings>
  info(): HostInfo
  doctor(signal: AbortSignal): Promise<Check[]>
  buildEngine(): boolean
  /** Where an uploaded file is kept: a fresh path inside the data directory for this (untrusted) name. */
  uploadPath(fileName: string): Promise<string>
}

/** Setting up systems: what a draft's parts answer, what runs here, and the settings' list of systems. */
export interface Connecting {
  discover(docker: string | undefined, signal: AbortSignal): Promise<Discovery[]>
  test(draft: SystemSettings, signal: AbortSignal): Promise<PartCheck[]>
  /** `system` names the configured one whose masked password the URL means. */
  mapping(database: string, system: SystemId | null, signal: AbortSignal): Promise<MappingProposal[]>
  runsMapping(database: string, system: SystemId | null, signal: AbortSignal): Promise<RunsProposal[]>
  save(draft: SystemSettings, replaces: SystemId | null): Promise<Settings>
  remove(id: SystemId): Promise<Settings>
}

/** What Unjam does by itself, where somebody has switched it on. */
export interface Automations {
  list(): AutomationState[]
  /** What it would do if it ran now; nothing is written. */
  forecast(automation: Automation, signal: AbortSignal): Promise<AutomationForecast>
}

/** Sample incidents: made-up systems among the real ones, one incident at a time. */
export interface Samples {
  list(): SampleIncident[]
  /** Leaves the one that runs; again is harmless. */
  start(name: SampleName): Promise<SampleIncident>
  /** Its systems, database and receipts are gone afterwards. */
  stop(): Promise<SampleIncident[]>
}

/** The past: readings over time, what is handed to somebody else, and what somebody handed over. */
export interface Archive {
  range(query: RangeQuery): HistoryRange
  moment(at: Instant): HistoryMoment
  report(query: ReportQuery, signal: AbortSignal): Promise<ReportFile>
  bundle(query: BundleQuery, signal: AbortSignal): Promise<BundleFile>
  /** Serves it at an address of its own: nothing of the running systems is mixed with it. */
  open(file: { path: string } | { base64: string }): Promise<{ url: string }>
  /** null: this core looks at the world, not at a bundle. */
  replay(): Replay | null
  seek(at: Instant): Replay
}

export interface Api {
  readonly automations: Automations
  readonly core: Core
  readonly machine: Machine
  readonly connecting: Connecting
  readonly samples: Samples
  readonly archive: Archive
}
