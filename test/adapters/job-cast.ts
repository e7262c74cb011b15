// The named cast of the job-system battery: one job for every standing a job can have.
import type { SeedJob, SeedLease } from '../../electron/adapters/memory-job.ts'

const minute = 60_000
const hour = 60 * minute

const lease = (patch: Partial<SeedLease>): SeedLease => ({
  state: 'held',
  live: true,
  worker: 'tower · 4711',
  audioDoneMs: 20 * minute,
  audioTotalMs: 63 * minute,
  speed: 0.5,
  etaMs: 86 * minute,
  chunksDone: 2,
  chunksTotal: 7,
  movedAgoMs: 30_000,
  ...patch,
})

const failed = (id: string, title: string, audioMinutes: number): SeedJob => ({
  id,
  title,
  state: 'failed',
  audioMs: audioMinutes * minute,
  retryCount: 3,
  error: 'Max retries exceeded',
  createdAgoMs: 90 * hour,
  heartbeatAgoMs: 30 * hour,
  startedAgoMs: 31 * hour,
  endedAgoMs: 30 * hour,
})

/** `id` is the name in the cast; a table with ids of its own translates it. */
export const cast: readonly SeedJob[] = [
  {
    id: 'lunch',
    title: 'Lunch talk.m4a',
    state: 'queued',
    audioMs: 10 * minute,
    createdAgoMs: 5 * hour,
    heartbeatAgoMs: 5 * hour,
  },
  {
    id: 'percent',
    title: '50%_off \\ "quoted".mp3',
    state: 'queued',
    audioMs: null,
    createdAgoMs: 4 * hour,
    heartbeatAgoMs: 4 * hour,
  },
  {
    id: 'umlaut',
    title: 'Ärger in Zürich.wav',
    state: 'queued',
    audioMs: minute,
    createdAgoMs: 3 * hour,
    heartbeatAgoMs: 3 * hour,
  },
  {
    id: 'interview',
    title: 'Call recording 5454_210513_095857.m4a',
    state: 'running',
    audioMs: 63 * minute,
    retryCount: 1,
    createdAgoMs: 9 * hour,
    heartbeatAgoMs: 5000,
    startedAgoMs: 40 * minute,
    lease: lease({}),
  },
  {
    id: 'aside',
    title: 'Stepped aside.m4a',
    state: 'running',
    audioMs: 90 * minute,
    createdAgoMs: 8 * hour,
    heartbeatAgoMs: 20_000,
    startedAgoMs: 2 * hour,
    lease: lease({ state: 'parked', live: false, audioTotalMs: 90 * minute }),
  },
  {
    id: 'crashed',
    title: 'Its worker died.m4a',
    state: 'running',
    audioMs: 30 * minute,
    createdAgoMs: 7 * hour,
    heartbeatAgoMs: 20 * minute,
    startedAgoMs: hour,
    lease: lease({ live: false, worker: 'cellar · 12', speed: null, etaMs: null }),
  },
  {
    id: 'orphan',
    title: 'Nobody has it.m4a',
    state: 'running',
    audioMs: 38 * minute,
    createdAgoMs: 7 * hour,
    heartbeatAgoMs: 25 * minute,
    startedAgoMs: 3 * hour,
  },
  {
    id: 'celery',
    title: 'Somebody else has it.m4a',
    state: 'running',
    audioMs: 5 * minute,
    createdAgoMs: 6 * hour,
    heartbeatAgoMs: minute,
    startedAgoMs: 5 * minute,
  },
  {
    id: 'finished',
    title: 'Board meeting.m4a',
    state: 'done',
    audioMs: 12 * minute,
    createdAgoMs: 3 * hour,
    heartbeatAgoMs: 10 * minute,
    startedAgoMs: 2 * hour,
    endedAgoMs: 10 * minute,
    attempts: [],
    segments: [
      { startMs: 0, endMs: 1500, text: ' Good morning.' },
      { startMs: 1500, endMs: 4000, text: ' Shall we begin?' },
      { startMs: 4000, endMs: 6000, text: ' Yes.' },
    ],
  },
  {
    id: 'old',
    title: 'Last week.m4a',
    state: 'done',
    audioMs: 4 * minute,
    createdAgoMs: 170 * hour,
    heartbeatAgoMs: 168 * hour,
    startedAgoMs: 168 * hour + 8 * minute,
    endedAgoMs: 168 * hour,
  },
  failed('c85b90e2', 'Call recording 3014_190910_221233.m4a', 61),
  failed('ab167b5a', 'Call recording +18134353769_200301_171119.m4a', 68),
  failed('4fc36bcc', 'Call recording 0586469010_200609_165234.m4a', 60),
  failed('b52da034', 'Call recording 086230762_200923_143109.m4a', 38),
  {
    id: 'unwanted',
    title: 'Unwanted.m4a',
    state: 'skipped',
    audioMs: 99 * minute,
    error: 'too long',
    createdAgoMs: 50 * hour,
    heartbeatAgoMs: 49 * hour,
    endedAgoMs: 49 * hour,
  },
]

/** Attempts of `finished`: it was parked once; 2 + 8 minutes of work in two hours. Absolute times need a "now". */
export function castAt(now: number): readonly SeedJob[] {
  const at = (agoMs: number) => new Date(now - agoMs).toISOString()
  const attempt = { worker: 'tower · 4711', error: null }
  return cast.map((job) =>
    job.id !== 'finished'
      ? job
      : {
          ...job,
          attempts: [
            {
              ...attempt,
              number: 1,
              startedAt: at(2 * hour),
              endedAt: at(2 * hour - 2 * minute),
              outcome: 'parked',
              chunksSaved: 1,
              audioMs: 4 * minute,
              wallMs: 2 * minute,
            },
            {
              ...attempt,
              number: 2,
              startedAt: at(18 * minute),
              endedAt: at(10 * minute),
              outcome: 'done',
              chunksSaved: 1,
              audioMs: 8 * minute,
              wallMs: 8 * minute,
            },
          ],
        },
  )
}
