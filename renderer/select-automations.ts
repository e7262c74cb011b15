// Automations as Settings shows them: when, how much at most, what came of it, and the runbooks' own as a start.
import { Automation, type AutomationRun, type AutomationTrigger } from '../electron/contract/automation.ts'
import type { SystemKind } from '../electron/contract/job.ts'
import type { GlyphName } from './parts/glyph-shapes.tsx'

export interface Place {
  readonly id: string
  readonly kind: SystemKind
}

/** “Every hour”, “Daily at 03:00”, “While run-overdue stands for 15 min”. */
export function whenText(when: AutomationTrigger): string {
  switch (when.kind) {
    case 'every':
      return when.minutes === 60 ? 'Every hour' : when.minutes === 1 ? 'Every minute' : `Every ${when.minutes} min`
    case 'daily':
      return `Daily at ${when.at}`
    case 'finding':
      return `While ${when.rule} stands${when.lastsMinutes === 0 ? '' : ` for ${when.lastsMinutes} min`}`
  }
}

export function limitsText({ limits, when, allowDestructive }: Automation): string {
  const each = when.kind === 'finding' ? `, ${limits.perRun} in one run` : ''
  const consent = allowDestructive ? ' · may do what cannot be taken back' : ''
  return `only up to ${limits.onlyUpTo}${each} · ${limits.minMinutesBetween} min apart at least${consent}`
}

export const outcomes: Readonly<Record<AutomationRun['outcome'], { glyph: GlyphName; text: string }>> = {
  running: { glyph: 'running', text: 'running' },
  done: { glyph: 'done', text: 'done' },
  partly: { glyph: 'attention', text: 'in part' },
  nothing: { glyph: 'done', text: 'nothing to do' },
  skipped: { glyph: 'skipped', text: 'skipped' },
  failed: { glyph: 'failed', text: 'failed' },
}

interface Template {
  readonly kind: SystemKind
  readonly title: string
  readonly automation: Omit<Parameters<typeof Automation.parse>[0] & object, 'system'>
}

/** What the runbooks advise to do again and again. */
export const templates: readonly Template[] = [
  {
    kind: 'crawl',
    title: 'Mark stuck runs as failed, every hour',
    automation: {
      ...{ name: 'Clean up stuck runs', action: 'fail-jobs', params: { reason: 'stuck for >1 hours' } },
      when: { kind: 'every', minutes: 60 },
    },
  },
  {
    kind: 'crawl',
    title: 'Finalize parents whose children have ended',
    automation: {
      ...{ name: 'Finalize parents', action: 'finalize-parent' },
      when: { kind: 'finding', rule: 'parent-not-finalized', lastsMinutes: 15 },
    },
  },
  {
    kind: 'recordings',
    title: 'Collapse a pile-up of the periodic task',
    automation: {
      ...{ name: 'Collapse pile-ups', action: 'collapse-periodic' },
      ...{ when: { kind: 'finding', rule: 'periodic-pile-up', lastsMinutes: 10 }, limits: { onlyUpTo: 500 } },
    },
  },
  {
    kind: 'recordings',
    title: 'Purge the queue when it piles up',
    automation: {
      ...{ name: 'Purge pile-ups', action: 'purge-queue', limits: { onlyUpTo: 500, minMinutesBetween: 60 } },
      when: { kind: 'finding', rule: 'periodic-pile-up', lastsMinutes: 30 },
    },
  },
  {
    kind: 'qc',
    title: 'Trigger the worker when recovery is dead',
    automation: {
      ...{ name: 'Trigger the QC worker', action: 'trigger-worker' },
      when: { kind: 'finding', rule: 'auto-recovery-dead', lastsMinutes: 5 },
    },
  },
]

/** A template on a system, under a name that no other has; off. */
export function fromTemplate({ automation }: Template, system: string, taken: readonly string[]): Automation {
  const made = Automation.parse({ ...automation, system })
  return { ...made, name: freeName(made.name, taken) }
}

export function emptyAutomation(system: string, taken: readonly string[]): Automation {
  return Automation.parse({
    ...{ name: freeName('Automation', taken), system, action: 'retry-jobs' },
    when: { kind: 'daily', at: '03:00' },
  })
}

function freeName(name: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const one = n === 1 ? name : `${name} ${n}`
    if (!taken.includes(one)) return one
  }
}

/** One to a line, so that a reason may have commas: `queue=celery`. */
export function paramsText(params: Automation['params']): string {
  return Object.entries(params)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')
}

/** The sentence says which line is none. */
export function readParams(text: string): { params: Automation['params']; wrong: string | null } {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const odd = lines.find((line) => line.indexOf('=') < 1)
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf('=')
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
  })
  return odd === undefined
    ? { params: Object.fromEntries(pairs), wrong: null }
    : { params: {}, wrong: `“${odd.trim()}” is no parameter: write one to a line, as key=value.` }
}

/** What keeps it from being saved, as a sentence; null: nothing. */
export function wrongWith(draft: Automation, taken: readonly string[]): string | null {
  if (taken.includes(draft.name.trim())) return 'Another automation has this name.'
  const issue = Automation.safeParse(draft).error?.issues[0]
  return issue === undefined ? null : `${issue.path.join('.')}: ${issue.message}.`
}
