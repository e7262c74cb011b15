// Runs the automations that are switched on: one look every few seconds, never two runs of one at once, all of it written down.
import type { Automation, AutomationForecast, AutomationRun, AutomationState } from '../contract/automation.ts'
import { FailureError, sentence, toFailure } from '../contract/failure.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { Automations, Core } from './api.ts'
import { type Decision, decide, type Moment, objection, pastOf, requestOf } from './automation.ts'
import { nap } from './deadline.ts'
import type { AutomationsLog } from './ports/automations.ts'
import type { Clock } from './ports/local.ts'

const LOOK_EVERY_MS = 5000
/** Shown of each; more are kept. */
const RUNS = 20

export interface AutomationOptions {
  automations(): readonly Automation[]
  snapshot(): Snapshot
  readonly core: Pick<Core, 'preview' | 'execute'>
  readonly log: AutomationsLog
  readonly clock: Clock
  newId(): string
  onBug(where: string, error: unknown): void
}

export interface RunningAutomations extends Automations {
  /** Begins to look; nothing runs before. */
  start(): void
  /** Resolves when no run is under way. */
  stop(): Promise<void>
}

export function runAutomations(options: AutomationOptions): RunningAutomations {
  const { core, log, clock, onBug } = options
  let stopped = new AbortController()
  let looking: Promise<void> | null = null
  const running = new Map<string, Promise<void>>()

  /** Two of one name are one: the first. */
  const listed = () =>
    [
      ...new Map(
        options
          .automations()
          .toReversed()
          .map((one) => [one.name, one]),
      ).values(),
    ].reverse()

  function moment({ system }: Automation): Moment {
    const { systems, findings } = options.snapshot()
    const time = new Date(clock.nowMs())
    return {
      nowMs: time.getTime(),
      minuteOfDay: time.getHours() * 60 + time.getMinutes(),
      system: systems.find(({ id }) => id === system) ?? null,
      findings,
    }
  }

  function decisionOf(automation: Automation): Decision {
    return decide(automation, pastOf(log.runs(automation.name, RUNS)), moment(automation))
  }

  function look(): void {
    // What is not read yet is neither known nor a reason to write that it is not.
    if (options.snapshot().sequence === 0) return
    for (const automation of listed()) {
      const { name, enabled } = automation
      if (!enabled || running.has(name)) continue
      const decision = decisionOf(automation)
      if (decision.kind === 'skip') skipped(name, decision.because)
      if (decision.kind !== 'run') continue
      const run = once(automation, decision)
        .catch((error: unknown) => onBug(`automation ${name}`, error))
        .finally(() => running.delete(name))
      running.set(name, run)
    }
  }

  function begun(name: string): AutomationRun {
    const at = clock.now()
    return {
      ...{ id: options.newId(), name, at, lastAt: at, times: 1 },
      ...{ outcome: 'running', sentence: 'It runs.', receipt: null },
    }
  }

  /** The same reason again is one row that was tried more often. */
  function skipped(name: string, because: string): void {
    const [last] = log.runs(name, 1)
    const again = last?.outcome === 'skipped' && last.sentence === because
    if (again) log.put({ ...last, lastAt: clock.now(), times: last.times + 1 })
    else log.put({ ...begun(name), outcome: 'skipped', sentence: because })
  }

  async function once(automation: Automation, { request }: Extract<Decision, { kind: 'run' }>): Promise<void> {
    const { name } = automation
    const forecast = await foresee(automation, request, stopped.signal)
    if (stopped.signal.aborted) return
    if (forecast.would === 'skip' || forecast.preview === null) {
      if (forecast.would === 'skip') return skipped(name, forecast.sentence)
      return log.put({ ...begun(name), outcome: 'nothing', sentence: forecast.sentence })
    }
    const still = listed().find((one) => one.name === name)
    if (JSON.stringify(still) !== JSON.stringify(automation)) return
    // Written before anything is done: a run that a crash cut off has been one.
    const run = begun(name)
    log.put(run)
    try {
      const receipt = await core.execute(request, forecast.preview.fingerprint, {
        actor: `automation: ${name}`,
        via: 'api',
      })
      const outcome = receipt.left.length > 0 ? 'partly' : 'done'
      log.put({ ...run, lastAt: clock.now(), outcome, sentence: receipt.summary, receipt: receipt.id })
    } catch (error) {
      const failure = toFailure(error, forecast.preview.title)
      if (failure.kind === 'bug') onBug(`automation ${name}`, error)
      const outcome = failure.kind === 'stale' ? 'skipped' : 'failed'
      log.put({ ...run, lastAt: clock.now(), outcome, sentence: sentence(failure) })
    }
  }

  async function foresee(
    automation: Automation,
    request: Parameters<Core['preview']>[0],
    signal: AbortSignal,
  ): Promise<AutomationForecast> {
    try {
      const preview = await core.preview(request, signal)
      if (preview.count === 0)
        return { would: 'nothing', sentence: `There is nothing to do: ${preview.summary}`, preview }
      const not = objection(automation, preview)
      return { would: not === null ? 'act' : 'skip', sentence: not ?? preview.summary, preview }
    } catch (error) {
      if (!(error instanceof FailureError)) throw error
      // An action that finds nothing of its kind refuses: that is an answer, not a fault.
      const refused = error.failure.kind === 'refused'
      return { would: refused ? 'nothing' : 'skip', sentence: sentence(error.failure), preview: null }
    }
  }

  /** A run that was under way when Unjam ended. */
  function closeOpenRuns(): void {
    for (const { name } of listed())
      for (const run of log.runs(name, RUNS))
        if (run.outcome === 'running')
          log.put({ ...run, outcome: 'failed', sentence: 'Unjam ended during this run; History says what was done.' })
  }

  function stateOf(automation: Automation): AutomationState {
    const { name, enabled } = automation
    const decision = decisionOf(automation)
    const next = !enabled
      ? { at: null, sentence: 'It is off.' }
      : decision.kind === 'wait'
        ? { at: decision.untilMs === null ? null : iso(decision.untilMs), sentence: decision.because }
        : { at: null, sentence: decision.kind === 'run' ? 'It is due now.' : decision.because }
    return { automation, running: running.has(name), next, runs: [...log.runs(name, RUNS)] }
  }

  return {
    start() {
      if (looking !== null) return
      stopped = new AbortController()
      closeOpenRuns()
      const { signal } = stopped
      looking = (async () => {
        while (await nap(clock, LOOK_EVERY_MS, signal)) {
          try {
            look()
          } catch (error) {
            onBug('automation', error)
          }
        }
      })()
    },
    async stop() {
      stopped.abort(new Error('stopped'))
      await Promise.all([looking, ...running.values()])
      looking = null
    },
    list: () => listed().map(stateOf),
    forecast: (automation, signal) => foresee(automation, requestOf(automation, moment(automation)), signal),
  }
}

const iso = (ms: number) => new Date(ms).toISOString()
