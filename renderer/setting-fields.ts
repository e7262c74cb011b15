// The fields of the Settings screen, as data: what each is called, what it means, and what it may be.
import type { Settings, SettingsPatch, WorkerSettings } from '../electron/contract/settings.ts'

export interface NumberField {
  readonly kind: 'number'
  readonly title: string
  readonly hint: string
  readonly unit: string
  readonly min: number
  readonly max: number
  /** What an empty field means; null: it must not be empty. */
  readonly empty: string | null
  readonly get: (settings: Settings) => number | null
  readonly set: (value: number | null) => SettingsPatch
}
export interface ChoiceField {
  readonly kind: 'choice'
  readonly title: string
  readonly hint: string
  readonly options: readonly { readonly value: string; readonly text: string }[]
  readonly get: (settings: Settings) => string
  readonly set: (value: string) => SettingsPatch
}
export interface TextField {
  readonly kind: 'text'
  readonly title: string
  readonly hint: string
  readonly get: (settings: Settings) => string
  readonly set: (value: string) => SettingsPatch
}
export type Field = NumberField | ChoiceField | TextField

type Worker = Partial<WorkerSettings>
const worker = (patch: Worker): SettingsPatch => ({ worker: patch })

const yesNo = [
  { value: 'yes', text: 'Yes' },
  { value: 'no', text: 'No' },
] as const

export const fieldGroups: readonly { title: string; note: string; fields: readonly Field[] }[] = [
  {
    title: 'Worker',
    note: 'how this computer transcribes',
    fields: [
      {
        kind: 'choice',
        title: 'Start with Unjam',
        hint: 'Otherwise it is started on the Worker screen.',
        options: yesNo,
        get: (s) => (s.worker.startWithApp ? 'yes' : 'no'),
        set: (v) => worker({ startWithApp: v === 'yes' }),
      },
      {
        kind: 'number',
        title: 'Slots',
        hint: 'Jobs at the same time.',
        unit: '',
        min: 1,
        max: 64,
        empty: 'chosen by Unjam',
        get: (s) => s.worker.slots,
        set: (slots) => worker({ slots }),
      },
      {
        kind: 'number',
        title: 'Threads',
        hint: 'Processor threads of each slot.',
        unit: '',
        min: 1,
        max: 256,
        empty: 'chosen by Unjam',
        get: (s) => s.worker.threads,
        set: (threads) => worker({ threads }),
      },
      {
        kind: 'text',
        title: 'Language',
        hint: '“auto”, or a code such as en, de, he.',
        get: (s) => s.worker.language,
        set: (v) => worker({ language: v.trim() === '' ? 'auto' : v.trim() }),
      },
      {
        kind: 'number',
        title: 'Chunk',
        hint: 'A long file is cut at silences near this; between chunks it lets others pass.',
        unit: 'min',
        min: 1,
        max: 120,
        empty: null,
        get: (s) => s.worker.chunkMinutes,
        set: (v) => worker({ chunkMinutes: v ?? 10 }),
      },
    ],
  },
  {
    title: 'Limits',
    note: 'when to stop trying',
    fields: [
      {
        kind: 'number',
        title: 'Time limit of an attempt',
        hint: 'TASK_TIMEOUT_SECONDS. Not needed: a job that no longer moves is noticed by its heartbeat.',
        unit: 's',
        min: 1,
        max: 604_800,
        empty: 'no limit',
        get: (s) => s.worker.taskTimeoutSeconds,
        set: (v) => worker({ taskTimeoutSeconds: v }),
      },
      {
        kind: 'number',
        title: 'Retries',
        hint: 'Failed attempts after the first, until a job fails for good.',
        unit: '',
        min: 0,
        max: 20,
        empty: null,
        get: (s) => s.worker.maxRetries,
        set: (v) => worker({ maxRetries: v ?? 3 }),
      },
      {
        kind: 'number',
        title: 'Longest recording',
        hint: 'Longer ones are not transcribed.',
        unit: 'min',
        min: 1,
        max: 100_000,
        empty: 'any length',
        get: (s) => s.worker.maxDurationMinutes,
        set: (v) => worker({ maxDurationMinutes: v }),
      },
      {
        kind: 'choice',
        title: 'A longer one is',
        hint: 'Both can be retried.',
        options: [
          { value: 'skip', text: 'skipped' },
          { value: 'fail', text: 'failed' },
        ],
        get: (s) => s.worker.overMaxDuration,
        set: (v) => worker({ overMaxDuration: v === 'fail' ? 'fail' : 'skip' }),
      },
      {
        kind: 'number',
        title: 'Heartbeat limit',
        hint: 'Older than this, a running job counts as dead.',
        unit: 'min',
        min: 1,
        max: 1440,
        empty: null,
        get: (s) => s.heartbeatLimitMinutes,
        set: (v) => ({ heartbeatLimitMinutes: v ?? 15 }),
      },
    ],
  },
  {
    title: 'Look',
    note: '',
    fields: [
      {
        kind: 'choice',
        title: 'Theme',
        hint: '',
        options: [
          { value: 'system', text: 'as the system' },
          { value: 'light', text: 'light' },
          { value: 'dark', text: 'dark' },
        ],
        get: (s) => s.theme,
        set: (v) => ({ theme: v === 'light' || v === 'dark' ? v : 'system' }),
      },
    ],
  },
]

/** What a number field's text means; a sentence when it is not allowed. */
export function readNumber(field: NumberField, text: string): { value: number | null } | { wrong: string } {
  const trimmed = text.trim()
  if (trimmed === '')
    return field.empty === null ? { wrong: `A number from ${field.min} to ${field.max}.` } : { value: null }
  const value = Number(trimmed)
  const whole = Number.isInteger(value) && value >= field.min && value <= field.max
  return whole
    ? { value }
    : {
        wrong: `A whole number from ${field.min} to ${field.max}${field.empty === null ? '' : `, or empty: ${field.empty}`}.`,
      }
}
