// The contract implemented on `Api`: one thin handler per procedure, and one place where errors become answers.
import { implement } from '@orpc/server'
import { contract } from '../contract/procedures.ts'
import type { Api, Caller } from '../core/api.ts'
import { answerFailures } from './answer-failures.ts'
import type { ServerLog } from './server-log.ts'

/** Given by the link that carries the call, never by the message. */
export interface CallContext {
  caller: Caller
}

/** Every procedure of the contract. A `FailureError` is answered as the typed error FAILED; anything else is a bug. */
export function createRouter({ automations, core, machine, connecting, samples, archive }: Api, log: ServerLog) {
  const os = implement(contract).$context<CallContext>().use(answerFailures(log))
  return os.router({
    live: os.live.handler(({ signal }) => core.watch(given(signal))),
    snapshot: os.snapshot.handler(({ signal }) => core.read(given(signal))),
    jobs: {
      page: os.jobs.page.handler(({ input, signal }) => core.page(input, given(signal))),
      detail: os.jobs.detail.handler(({ input, signal }) => core.detail(input, given(signal))),
      transcript: os.jobs.transcript.handler(({ input, signal }) => core.transcript(input, given(signal))),
      export: os.jobs.export.handler(({ input, signal }) => core.export(input, given(signal))),
      ledgers: os.jobs.ledgers.handler(({ input, signal }) => core.ledgers(input, given(signal))),
      runs: os.jobs.runs.handler(({ input, signal }) => core.runTree(input.system, given(signal))),
      add: os.jobs.add.handler(({ input, signal }) => core.add(input.system, input.paths, given(signal))),
    },
    actions: {
      list: os.actions.list.handler(({ input, signal }) => core.actions(input.system, given(signal))),
      preview: os.actions.preview.handler(({ input, signal }) => core.preview(input, given(signal))),
      // A write is never cut off half-way by a window that closes: it gets no signal.
      execute: os.actions.execute.handler(({ input, context }) =>
        core.execute(input.request, input.fingerprint, context.caller),
      ),
    },
    receipts: {
      list: os.receipts.list.handler(({ input }) => core.receipts(input.limit, input.before ?? null)),
      undo: os.receipts.undo.handler(({ input, context }) => core.undo(input.id, context.caller)),
    },
    findings: {
      history: os.findings.history.handler(({ input }) => core.episodes(input)),
      acknowledge: os.findings.acknowledge.handler(({ input, context }) => core.acknowledge(input.key, context.caller)),
      snooze: os.findings.snooze.handler(({ input, context }) => core.snooze(input.key, input.minutes, context.caller)),
      wake: os.findings.wake.handler(({ input, context }) => core.wake(input.key, context.caller)),
    },
    history: {
      range: os.history.range.handler(({ input }) => archive.range(input)),
      moment: os.history.moment.handler(({ input }) => archive.moment(input.at)),
      report: os.history.report.handler(({ input, signal }) => archive.report(input, given(signal))),
      bundle: os.history.bundle.handler(({ input, signal }) => archive.bundle(input, given(signal))),
      open: os.history.open.handler(({ input }) => archive.open(input)),
      replay: os.history.replay.handler(() => archive.replay()),
      seek: os.history.seek.handler(({ input }) => archive.seek(input.at)),
    },
    automations: {
      list: os.automations.list.handler(() => automations.list()),
      preview: os.automations.preview.handler(({ input, signal }) =>
        automations.forecast(input.automation, given(signal)),
      ),
    },
    proof: {
      limits: os.proof.limits.handler(({ input, signal }) => core.limits(input.system, given(signal))),
      ledgers: os.proof.ledgers.handler(({ input, signal }) => core.reconcile(input.system, given(signal))),
    },
    queues: {
      messages: os.queues.messages.handler(({ input, signal }) => core.messages(input, given(signal))),
      jobs: os.queues.jobs.handler(({ input, signal }) => core.queueJobs(input, given(signal))),
      results: os.queues.results.handler(({ input, signal }) => core.results(input, given(signal))),
      quarantines: os.queues.quarantines.handler(({ input, signal }) => core.quarantines(input.system, given(signal))),
    },
    stack: {
      logs: os.stack.logs.handler(({ input, signal }) => core.serviceLogs(input, given(signal))),
      reveal: os.stack.reveal.handler(async ({ input, signal }) => ({
        value: await core.reveal(input.system, input.key, given(signal)),
      })),
      env: os.stack.env.handler(({ input, signal }) => core.env(input.system, given(signal))),
    },
    systems: {
      discover: os.systems.discover.handler(({ input, signal }) => connecting.discover(input.docker, given(signal))),
      test: os.systems.test.handler(({ input, signal }) => connecting.test(input.system, given(signal))),
      mapping: os.systems.mapping.handler(({ input, signal }) =>
        connecting.mapping(input.database, input.system ?? null, given(signal)),
      ),
      runsMapping: os.systems.runsMapping.handler(({ input, signal }) =>
        connecting.runsMapping(input.database, input.system ?? null, given(signal)),
      ),
      save: os.systems.save.handler(({ input }) => connecting.save(input.system, input.replaces ?? null)),
      remove: os.systems.remove.handler(({ input }) => connecting.remove(input.id)),
    },
    samples: {
      list: os.samples.list.handler(() => samples.list()),
      start: os.samples.start.handler(({ input }) => samples.start(input.name)),
      stop: os.samples.stop.handler(() => samples.stop()),
    },
    worker: {
      log: os.worker.log.handler(({ input }) => machine.workerLog(input.cursor, input.limit)),
    },
    models: {
      list: os.models.list.handler(() => machine.models()),
      download: os.models.download.handler(({ input }) => ({ started: machine.downloadModel(input.name) })),
      cancelDownload: os.models.cancelDownload.handler(() => ({ stopped: machine.cancelDownload() })),
      import: os.models.import.handler(({ input, signal }) => machine.importModel(input.path, given(signal))),
      select: os.models.select.handler(({ input }) => machine.selectModel(input.fileName)),
    },
    settings: {
      get: os.settings.get.handler(() => machine.settings()),
      update: os.settings.update.handler(({ input }) => machine.updateSettings(input)),
    },
    host: {
      info: os.host.info.handler(() => machine.info()),
      doctor: os.host.doctor.handler(({ signal }) => machine.doctor(given(signal))),
      buildEngine: os.host.buildEngine.handler(() => ({ started: machine.buildEngine() })),
    },
  })
}
export type Router = ReturnType<typeof createRouter>

/** Every link gives one; a direct call in a test may not. */
function given(signal: AbortSignal | undefined): AbortSignal {
  return signal ?? new AbortController().signal
}
