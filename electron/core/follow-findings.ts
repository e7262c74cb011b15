// Keeps the life of findings: written as it happens, taken up again after a restart, told what people say.
import { FailureError, type Instant } from '../contract/failure.ts'
import type { Finding } from '../contract/finding.ts'
import type { FindingEpisode, FindingEvent } from '../contract/finding-life.ts'
import { isSample } from '../contract/sample.ts'
import { episodesOf } from './finding-episodes.ts'
import { lifeOf, nextLives, restoreLives, type Said, type Sight, say, stillThere } from './finding-life.ts'
import type { FindingsLog } from './ports/findings.ts'
import type { Clock } from './ports/local.ts'

export interface FollowedFindings {
  /** What was found, with its life. */
  next(found: readonly Finding[], sight: (system: string) => Sight): Finding[]
  /** What is there, also what is out of sight for a moment. */
  there(): Finding[]
  /** Throws when there is no such finding. Saying it twice is harmless. */
  say(key: string, said: Said, by: string): Finding
  history(from: Instant, to: Instant, limit: number): FindingEpisode[]
}

export interface FollowOptions {
  readonly findings: FindingsLog
  readonly clock: Clock
  onBug(where: string, error: unknown): void
}

export function followFindings({ findings: log, clock, onBug }: FollowOptions): FollowedFindings {
  let lives = restoreLives(attempt(() => log.latest(), []))

  function attempt<T>(work: () => T, otherwise: T): T {
    try {
      return work()
    } catch (error) {
      // A full disk must not end the diagnosis.
      onBug('the history of findings', error)
      return otherwise
    }
  }

  /** A sample's findings live as long as the sample and leave no trace. */
  function write(events: readonly FindingEvent[]): void {
    const real = events.filter(({ finding }) => !isSample(finding.system))
    if (real.length > 0) attempt(() => log.append(real), undefined)
  }

  return {
    next(found, sight) {
      const step = nextLives(lives, found, sight, clock.now())
      lives = step.lives
      write(step.events)
      return step.findings
    },
    there: () => stillThere(lives, clock.nowMs()),
    say(key, said, by) {
      const before = lives.get(key)?.finding
      const done = say(lives, key, said, by, clock.now())
      if (before === undefined || done === null) throw noSuch(key)
      const again = said.change === 'acknowledged' && lifeOf(before).acknowledged !== null
      const awake = lifeOf(before).acknowledged === null && lifeOf(before).snoozedUntil === null
      if (again || (said.change === 'woken' && awake)) return before
      lives = done.lives
      write([done.event])
      return done.event.finding
    },
    history: (from, to, limit) => episodesOf(log.between(from, to)).slice(0, limit),
  }
}

function noSuch(key: string): FailureError {
  return new FailureError({
    kind: 'missing',
    tried: 'Find the finding',
    on: key,
    because: 'there is no such finding (any more)',
    remedy: 'unjam findings lists those that there are.',
  })
}
