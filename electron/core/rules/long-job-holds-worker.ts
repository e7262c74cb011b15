// One long recording fills every slot while jobs wait: busy, not broken.
import type { Evidence, Finding } from '../../contract/finding.ts'
import type { RunningJob } from '../../contract/job.ts'
import { queuesNow, shortTask } from '../broker-facts.ts'
import { leftOf } from '../expected-ends.ts'
import { before, type Facts, finding, lastDoneAge, now, type Rule, row, runningNow } from '../facts.ts'
import { etaOf, queueEtaMs, speedOf } from '../forecast.ts'
import { heartbeatLine, lines, noFailureLine, pulse, workerLine } from '../heartbeat.ts'
import { moreSlots, slotsOf } from '../job-slots.ts'
import { cleanLogLine } from '../log-facts.ts'
import { audio, count, duration, plural, speed } from '../wording.ts'

/** Waiting this long for a slot is what an operator calls stuck; shorter is the ordinary life of a queue. */
const LONG_MS = 15 * 60_000
const SOON_MS = 5 * 60_000
/** Where jobs step aside between chunks (DESIGN §7) the wait ends by itself: only a long chunk is worth a word. */
const LONG_CHUNK_MS = 10 * 60_000

interface Hold {
  readonly job: RunningJob
  readonly speed: number | null
  readonly etaMs: number | null
  /** Over the time that is expected: `etaMs` is then its end at the slowest speed that is. */
  readonly overdue: boolean
  /** Until its slot takes another job: its end, or the end of its chunk where it then steps aside; null is unknown. */
  readonly freeMs: number | null
  readonly parks: boolean
}

export const longJobHoldsWorker: Rule = {
  id: 'long-job-holds-worker',
  // A QC service shows neither its slots nor how long a file is.
  kinds: ['local', 'recordings', 'crawl'],
  runbook: '0-stuck-at-1069.md, "Root cause" 1–3',
  diagnose(facts) {
    // A crawl has no length that would explain it: `run-overdue` says which runs take long, and who has them.
    if (facts.system.kind === 'crawl') return []
    const counts = now(facts.system.counts)
    const active = runningNow(facts)?.filter((job) => job.phase === 'active') ?? []
    if (counts === null || counts.queued === 0 || active.length === 0) return []
    if (active.some((job) => pulse(facts, job) === 'late' || pulse(facts, job) === 'dead')) return []
    const slots = slotsOf(facts, active)
    if (slots === null ? otherSlotWorks(facts, active) : active.length < slots) return []
    const holds = active.map((job) => holdOf(facts, job)).sort((a, b) => (b.freeMs ?? 0) - (a.freeMs ?? 0))
    const holder = holds[0]
    if (holder === undefined || !holds.every((hold) => isLong(facts, hold))) return []
    return [toFinding(facts, holder, holds, counts.queued, slots)]
  },
}

/** Without slots to count: something finished lately that began beside all of these, so another slot is at work. */
function otherSlotWorks(facts: Facts, active: readonly RunningJob[]): boolean {
  const done = lastDoneAge(facts)
  const youngest = Math.min(...active.map((job) => job.elapsedMs ?? Number.POSITIVE_INFINITY))
  return done !== null && done < LONG_MS && done < youngest - 60_000
}

function holdOf(facts: Facts, job: RunningJob): Hold {
  const pace = speedOf(job, now(facts.system.attempts), now(facts.system.throughput))
  const due = etaOf(job, pace)
  const etaMs = due ?? latestMs(facts, job)
  const chunkMs = chunkLeftMs(facts, job, pace)
  const parks = facts.chunkMs !== null && job.worker !== null
  const freeMs = parks && chunkMs !== null ? Math.min(chunkMs, etaMs ?? chunkMs) : etaMs
  return { job, speed: pace, etaMs, overdue: due === null && etaMs !== null, freeMs, parks }
}

function latestMs({ system: { attempts, throughput, workers } }: Facts, job: RunningJob): number | null {
  return leftOf(job, { bars: now(attempts), throughput: now(throughput), workers: now(workers) })?.to ?? null
}

/** Wall time to the end of the chunk in flight. */
function chunkLeftMs(facts: Facts, job: RunningJob, pace: number | null): number | null {
  if (facts.chunkMs === null || pace === null || pace <= 0) return null
  const { chunksDone = null, audioDoneMs = null } = job.progress ?? {}
  if (chunksDone === null || audioDoneMs === null) return facts.chunkMs / pace
  const left = (chunksDone + 1) * facts.chunkMs - audioDoneMs
  return Math.min(facts.chunkMs, Math.max(0, left)) / pace
}

function tellsItsEnd({ progress }: RunningJob): boolean {
  return progress !== null && (progress.etaMs !== null || progress.audioDoneMs !== null)
}

function isLong(facts: Facts, hold: Hold): boolean {
  if (hold.parks) {
    const others = now(facts.backlog)?.meanAudioMs ?? null
    const longer = others !== null && hold.job.audioMs !== null && hold.job.audioMs >= 2 * others
    return longer && hold.freeMs !== null && hold.freeMs >= LONG_CHUNK_MS
  }
  if (hold.freeMs !== null && hold.freeMs >= SOON_MS) return true
  // A forecast from other files ends at no moment: only its own progress says that it ends soon.
  if (hold.freeMs !== null && tellsItsEnd(hold.job)) return false
  return (hold.job.elapsedMs ?? lastDoneAge(facts) ?? 0) >= LONG_MS
}

function toFinding(facts: Facts, holder: Hold, holds: readonly Hold[], waiting: number, slots: number | null): Finding {
  const { job } = holder
  const wait = `${count(waiting, 'job')} ${plural(waiting, 'waits', 'wait')}`
  const name = job.audioMs === null ? 'One recording' : `One ${Math.round(job.audioMs / 60_000)}-minute recording`
  const headline =
    holds.length === 1
      ? `${name} holds the only ${holder.parks ? 'slot' : 'worker'}. ${wait} behind it.`
      : `${holds.length} long recordings hold every slot. ${wait} behind them.`
  return {
    ...finding(facts, 'long-job-holds-worker', job.id),
    headline,
    explanation: explain(facts, holder),
    since: job.elapsedMs === null ? facts.now : before(facts, job.elapsedMs),
    evidence: evidence(facts, holder, holds, waiting, slots),
    notTheCause: lines(
      noFailureLine(facts),
      cleanLogLine(facts),
      heartbeatLine(
        facts,
        holds.map((hold) => hold.job),
      ),
      workerLine(facts),
    ),
    remedies: holder.parks
      ? [
          {
            action: 'cancel-job',
            label: 'Cancel the recording',
            ids: [job.id],
            params: {},
            effect: 'The next job starts at once. Undo queues the recording again.',
          },
        ]
      : moreSlots(facts, job),
    places: [
      ...(holder.parks ? [{ view: 'settings' as const, label: 'Add a worker slot', job: null }] : []),
      { view: 'job', label: 'Open the recording', job: job.id },
    ],
  }
}

function explain(facts: Facts, holder: Hold): string {
  const failed = now(facts.system.counts)?.failed ?? 0
  const none =
    failed === 0
      ? 'Nothing has failed.'
      : `It has not failed; the ${count(failed, 'failed job')} ${plural(failed, 'is', 'are')} another matter.`
  const pace = holder.speed === null ? '' : ` at ${speed(holder.speed)} real time`
  if (holder.parks && holder.freeMs !== null)
    return `${none} The worker transcribes${pace} and steps aside between chunks. Shorter jobs go first in about ${duration(holder.freeMs)}.`
  if (holder.etaMs === null)
    return `${none} The worker transcribes${pace}; when it will end is unknown. Until then no other job can start.`
  if (holder.overdue)
    return `${none} The worker transcribes${pace}; this takes longer than most and should end within ${duration(holder.etaMs)}. Until then no other job can start.`
  return `${none} The worker transcribes${pace} and will end in about ${duration(holder.etaMs)}. Until then no other job can start.`
}

function evidence(
  facts: Facts,
  holder: Hold,
  holds: readonly Hold[],
  waiting: number,
  slots: number | null,
): Evidence[] {
  const { job } = holder
  const { counts, running, throughput, workers } = facts.system
  const done = now(counts)?.done ?? 0
  const flat = lastDoneAge(facts)
  const transcribed = job.progress?.audioDoneMs ?? null
  const length = job.audioMs === null ? 'unknown: no source tells it' : audio(job.audioMs)
  const pace = holder.speed === null ? 'unknown: no job has finished lately' : `${speed(holder.speed)} real time`
  return [
    row(facts, 'Running', `${count(holds.length, 'job')}, ${job.title}`, 'database', running),
    row(
      facts,
      'Audio length',
      transcribed === null ? length : `${length}, ${audio(transcribed)} transcribed`,
      'database',
      running,
    ),
    row(
      facts,
      'Speed',
      holder.etaMs === null ? pace : `${pace}, ends ${holder.overdue ? 'within' : 'in'} ${duration(holder.etaMs)}`,
      'database',
      running,
    ),
    slots === null
      ? row(facts, 'Slots', 'unknown: no worker tells how many it has', 'database', workers)
      : row(facts, 'Slots', `${holds.length} of ${slots} taken`, 'worker', workers),
    row(
      facts,
      'Waiting',
      `${count(waiting, 'queued job')}${queueEnds(facts, holder, holds, waiting, slots)}`,
      'database',
      counts,
    ),
    row(
      facts,
      'Done',
      flat === null ? String(done) : `${done}, flat for ${duration(flat)}`,
      'database',
      flat === null ? counts : throughput,
    ),
    ...messagesRow(facts),
  ]
}

function messagesRow(facts: Facts): Evidence[] {
  const queue = queuesNow(facts)?.toSorted((a, b) => b.messages - a.messages)[0]
  const [first] = queue?.groups ?? []
  if (queue === undefined || queue.messages === 0 || facts.system.queues === null) return []
  const most = first?.task == null ? '' : `, of them ${first.messages} ${shortTask(first.task)}`
  return [row(facts, 'Messages', `${queue.messages}${most}`, 'broker', facts.system.queues)]
}

/** ", done in about 5 h 13 min"; nothing when no forecast can be made. */
function queueEnds(facts: Facts, holder: Hold, holds: readonly Hold[], waiting: number, slots: number | null): string {
  const eta = queueEtaMs({
    running: holds.map((hold) => hold.etaMs),
    waiting,
    meanAudioMs: now(facts.backlog)?.meanAudioMs ?? null,
    speed: holder.speed,
    slots,
  })
  return eta === null ? '' : `, done in about ${duration(eta)}`
}
