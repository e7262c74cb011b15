// The keys of a transcription stack's .env that Unjam can explain: meaning, unit, and what a value must look like.

export interface EnvKey {
  readonly meaning: string
  readonly unit: string | null
  /** What a person should know before changing it, as a sentence. */
  readonly caution: string | null
  /** Why a value will not do, as a clause; null when it will. */
  check(value: string): string | null
}

const text = (meaning: string, caution: string | null = null): EnvKey => ({
  meaning,
  unit: null,
  caution,
  check: () => null,
})

/** `empty`: what an empty value means, where it means something. */
const wholeNumber = (meaning: string, unit: string, least: number, empty: string | null = null): EnvKey => ({
  meaning,
  unit,
  caution: null,
  check: (value) =>
    (value === '' && empty !== null) || (/^\d{1,9}$/.test(value) && Number(value) >= least)
      ? null
      : `it must be a whole number of ${unit}, ${least} or more`,
})

const port = (meaning: string): EnvKey => ({
  meaning,
  unit: null,
  caution: null,
  check: (value) =>
    /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535
      ? null
      : 'it must be a port from 1 to 65535',
})

const oneOf = (meaning: string, words: readonly string[]): EnvKey => ({
  meaning,
  unit: null,
  caution: null,
  check: (value) => (words.includes(value) ? null : `it must be ${words.join(' or ')}`),
})

const url = (meaning: string, schemes: readonly string[]): EnvKey => ({
  meaning,
  unit: null,
  caution: null,
  check: (value) =>
    schemes.some((scheme) => value.startsWith(`${scheme}://`))
      ? null
      : `it must begin with ${schemes.map((one) => `${one}://`).join(' or ')}`,
})

const FIRST_START =
  'Postgres takes its user, password and database only at the first start of an empty volume; later the database keeps its own, and everybody else is locked out.'
export const TASK_TIMEOUT = 'TASK_TIMEOUT_SECONDS'

const keys = new Map<string, EnvKey>([
  [TASK_TIMEOUT, wholeNumber('Longest time one attempt may take; 0 or unset is no limit', 'seconds', 0, 'no limit')],
  ['WORKER_CONCURRENCY', wholeNumber('Recordings that one worker transcribes at the same time', 'jobs', 1)],
  ['TASK_MAX_RETRIES', wholeNumber('Attempts after the first before a recording is failed', 'retries', 0)],
  [
    'MAX_DURATION_MINUTES',
    wholeNumber('Longer recordings are not transcribed; 0 or unset is no limit', 'minutes', 0, 'no limit'),
  ],
  ['OVER_MAX_DURATION', oneOf('What becomes of recordings over the maximum duration', ['skip', 'fail'])],
  ['ENQUEUE_SECONDS', wholeNumber('Time between two runs that fill the queue from the table', 'seconds', 1)],
  ['HEARTBEAT_SECONDS', wholeNumber('Time between two heartbeats of a recording in work', 'seconds', 1)],
  ['STUCK_SECONDS', wholeNumber('Without a heartbeat for so long, a recording is given back', 'seconds', 1)],
  ['MODEL', text('Model file the worker transcribes with')],
  ['MODELS_DIR', text('Folder of this machine with the models')],
  ['RECORDINGS_DIR', text('Folder of this machine with the recordings')],
  ['LANGUAGE', text('Spoken language, or auto')],
  ['STOP_GRACE_PERIOD', text('How long a recording in work may go on when its worker is stopped')],
  ['HEALTH_INTERVAL', text('Time between two health checks')],
  [
    'COMPOSE_PROJECT_NAME',
    text(
      'Name of the compose project',
      'Another project name makes another, empty stack the next time compose is run by hand.',
    ),
  ],
  ['POSTGRES_USER', text('User of the database', FIRST_START)],
  ['POSTGRES_PASSWORD', text('Password of the database', FIRST_START)],
  ['POSTGRES_DB', text('Name of the database', FIRST_START)],
  ['POSTGRES_PORT', port('Port of the database')],
  ['DATABASE_URL', text('Address of the database, with its password')],
  ['REDIS_PASSWORD', text('Password of the broker')],
  ['REDIS_PORT', port('Port of the broker')],
  ['API_PORT', port('Port of the API')],
  ['FLOWER_PORT', port('Port of Flower')],
  ['REDIS_URL', url('Address of the broker', ['redis', 'rediss'])],
  ['BROKER_URL', url('Address of the broker', ['redis', 'rediss'])],
  ['RESULT_URL', text('Where results of attempts are kept')],
  ['CELERY_BROKER_URL', url('Address of the broker', ['redis', 'rediss'])],
  ['CELERY_RESULT_BACKEND', text('Where results of attempts are kept')],
])

/** null: a key that only the file knows. */
export function knownKey(key: string): EnvKey | null {
  return keys.get(key) ?? null
}

export function knownKeys(): readonly string[] {
  return [...keys.keys()]
}

/** Why the stack will not work with a value, as a clause; null when nothing speaks against it. */
export function faultOf(key: string, value: string): string | null {
  return keys.get(key)?.check(value) ?? null
}
