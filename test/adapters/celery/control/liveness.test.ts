// What signs of life and silence mean, one row each; the real workers of control.test.ts show that the rows exist.
import { expect, it } from 'vitest'
import { type Signs, verdictOf } from '../../../../electron/adapters/celery/control/liveness.ts'

const well: Signs = {
  answered: true,
  answerAgeMs: 0,
  knownMs: 600_000,
  heartbeatAgeMs: 1000,
  beatEveryMs: 2000,
  listeningMs: 600_000,
  connected: true,
  livesOn: false,
  beatsOn: false,
  goodbye: false,
  solo: false,
  holds: null,
  reportsStarts: true,
  slots: 2,
  busy: 0,
  queues: ['celery'],
  waiting: 0,
  idleMs: null,
  paused: [],
}
const silent = { answered: false, answerAgeMs: 10_000 }
const mute = { ...silent, heartbeatAgeMs: 10_000 }
const gone = { ...mute, connected: false }

it.each<[string, Partial<Signs>, string, RegExp | null]>([
  ['answers', {}, 'running', null],
  ['answers, all slots busy', { busy: 2, waiting: 40 }, 'running', null],
  ['answers, consumes nothing', { queues: [] }, 'not-consuming', /consumes no queue/],
  ['answers, and Unjam paused its queue', { queues: [], paused: ['celery'] }, 'paused', /Unjam paused queue celery/],
  ['answers, and its pool is empty', { slots: 0 }, 'not-consuming', /no process left/],
  ['messages wait beside a free slot, for a moment', { waiting: 7, idleMs: 5000 }, 'running', null],
  [
    'messages wait beside a free slot for long',
    { waiting: 7, idleMs: 40_000 },
    'not-consuming',
    /nothing for 40 s although 7 messages wait in queue celery/,
  ],
  ['silent for a moment', { ...silent, answerAgeMs: 1500 }, 'running', /last answered 2 s ago/],
  ['silent, beats, connected', { ...silent, beatsOn: true }, 'hung', /control connection hangs/],
  [
    'silent, and its last heartbeat is as old as its last answer',
    { ...silent, answerAgeMs: 5000, heartbeatAgeMs: 5000 },
    'unknown',
    /next heartbeat will tell whether it hangs or is stopped/,
  ],
  [
    'silent, beats on after its connection is gone',
    { ...silent, connected: false, livesOn: true },
    'hung',
    /control connection hangs/,
  ],
  ['silent and mute, connected', mute, 'frozen', /process is stopped/],
  ['gone', gone, 'lost', /killed, crashed or cut off/],
  ['gone a moment ago', { ...gone, heartbeatAgeMs: 500 }, 'unknown', /next heartbeat will tell/],
  ['said goodbye', { ...gone, heartbeatAgeMs: 500, goodbye: true }, 'lost', /said goodbye/],
  ['solo, in a task', { ...mute, solo: true, holds: { id: 't-1', forMs: 125_000 } }, 'busy', /t-1, for 2 min/],
  ['solo, and no task was reported', { ...mute, solo: true }, 'frozen', /process is stopped/],
  [
    'solo, of an app that reports no starts',
    { ...mute, solo: true, reportsStarts: false },
    'unknown',
    /nothing says whether/,
  ],
  [
    'never answered, beats, not connected',
    { ...silent, answerAgeMs: null, connected: false, livesOn: true },
    'unknown',
    /remote control is switched off/,
  ],
  ['has no heartbeats at all', { ...mute, heartbeatAgeMs: null }, 'unknown', /--without-heartbeat/],
  [
    'fell silent when heartbeats had hardly been listened for',
    { ...mute, heartbeatAgeMs: null, listeningMs: 12_000 },
    'frozen',
    /last answered 10 s ago and sends no heartbeats; .*process is stopped/,
  ],
  [
    'heartbeats could not be heard yet',
    { ...mute, heartbeatAgeMs: null, listeningMs: 1000 },
    'unknown',
    /still waited for/,
  ],
])('%s: %o is %s', (_, signs, state, because) => {
  const verdict = verdictOf({ ...well, ...signs }, 30_000)
  expect(verdict.state).toBe(state)
  if (because === null) expect(verdict.because).toBeNull()
  else expect(verdict.because).toMatch(because)
})
