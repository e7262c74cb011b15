// The commands, in the order the help lists them; each is loaded only when it is asked for.
import type { Command } from './command.ts'

interface Entry {
  readonly summary: string
  load(): Promise<Command>
}

export const commands: Readonly<Record<string, Entry>> = {
  add: { summary: 'add files and folders to the local queue', load: async () => (await import('./add.ts')).add },
  status: { summary: 'what waits, runs and failed', load: async () => (await import('./status.ts')).status },
  jobs: { summary: 'a page of jobs', load: async () => (await import('./jobs.ts')).jobs },
  job: { summary: 'one job, its attempts, its transcript', load: async () => (await import('./job.ts')).job },
  runs: {
    summary: 'crawl runs that have not ended, and where their tasks are',
    load: async () => (await import('./runs.ts')).runs,
  },
  limits: { summary: 'what a time limit would kill', load: async () => (await import('./limits.ts')).limits },
  ledgers: {
    summary: 'database, broker and attempts compared',
    load: async () => (await import('./ledgers.ts')).ledgers,
  },
  diagnose: { summary: 'the findings, ranked', load: async () => (await import('./diagnose.ts')).diagnose },
  findings: {
    summary: 'what appeared and cleared; acknowledge, snooze, wake',
    load: async () => (await import('./findings.ts')).findings,
  },
  act: { summary: 'preview an action; with --yes carry it out', load: async () => (await import('./act.ts')).act },
  receipts: { summary: 'what was done', load: async () => (await import('./receipts.ts')).receipts },
  quarantines: {
    summary: 'quarantined messages that undo can put back',
    load: async () => (await import('./quarantines.ts')).quarantines,
  },
  undo: { summary: 'take back what a receipt records', load: async () => (await import('./undo.ts')).undo },
  report: { summary: 'what happened, as a report', load: async () => (await import('./report.ts')).report },
  bundle: { summary: 'the past in one file', load: async () => (await import('./bundle.ts')).bundle },
  open: { summary: 'a bundle in the browser', load: async () => (await import('./open.ts')).open },
  worker: { summary: 'a worker in this terminal', load: async () => (await import('./worker.ts')).worker },
  transcribe: { summary: 'one file, no database', load: async () => (await import('./transcribe.ts')).transcribe },
  models: { summary: 'list, download or import a model', load: async () => (await import('./models.ts')).models },
  migrate: { summary: "create Unjam's tables in a database", load: async () => (await import('./migrate.ts')).migrate },
  doctor: { summary: 'what is here and what is missing', load: async () => (await import('./doctor.ts')).doctor },
  serve: { summary: 'the app for a browser on this computer', load: async () => (await import('./serve.ts')).serve },
  demo: { summary: 'an incident to walk through, made up', load: async () => (await import('./demo.ts')).demo },
  start: { summary: 'the desktop window, or the browser', load: async () => (await import('./start.ts')).start },
}
