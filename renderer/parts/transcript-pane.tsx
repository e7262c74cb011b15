// The transcript with its times beside its sound: a click on a time plays from there.
import { useRef, useState } from 'react'
import type { JobDetail } from '../../electron/contract/job.ts'
import { count, failureText } from '../format.ts'
import { segmentAt, segmentsWith } from '../select-job.ts'
import { useTranscript } from '../use-transcript.ts'
import { Player, type PlayerHandle } from './player.tsx'
import { FailureNote } from './section.tsx'
import { TranscriptList } from './transcript-list.tsx'
import { TranscriptSearch } from './transcript-search.tsx'

const empty: Readonly<Record<JobDetail['job']['state'], string>> = {
  queued: 'The transcript appears here when the job is done.',
  running: 'The transcript appears here when the job is done.',
  done: 'Nobody speaks in this recording, or nothing could be made out.',
  failed: 'There is no transcript: the job failed.',
  skipped: 'There is no transcript: the job was skipped.',
}

export function TranscriptPane({ detail }: { detail: JobDetail }) {
  const { job, segmentCount, playable } = detail
  const { segments, complete, failure } = useTranscript(job.system, job.id, segmentCount)
  const [positionMs, setPosition] = useState<number | null>(null)
  const [search, setSearch] = useState('')
  const [match, setMatch] = useState(0)
  const player = useRef<PlayerHandle>(null)
  const matches = segmentsWith(segments, search)
  const at = matches[match] ?? -1
  const totalMs = job.audioMs ?? segments.at(-1)?.endMs ?? 0
  return (
    <section aria-label="Transcript" className="flex flex-col min-h-0 max-narrow:max-h-[70vh]">
      <div className="sec items-center!">
        <h2>Transcript</h2>
        {segmentCount > 0 && (
          <span className="text-small text-ink-3">{complete ? count(segments.length, 'segment') : 'reading'}</span>
        )}
        {segments.length > 0 && (
          <span className="end">
            <TranscriptSearch
              text={search}
              found={matches.length}
              at={match}
              onText={(text) => {
                setSearch(text)
                setMatch(0)
              }}
              onStep={(by) => setMatch((n) => (matches.length === 0 ? 0 : (n + by + matches.length) % matches.length))}
            />
          </span>
        )}
      </div>
      {playable && totalMs > 0 && (
        <Player
          ref={player}
          system={job.system}
          id={job.id}
          segments={segments}
          totalMs={totalMs}
          onPosition={setPosition}
        />
      )}
      {failure !== null && <FailureNote text={failureText(failure)} />}
      {complete && segments.length === 0 && <p className="py-3 text-ink-3">{empty[job.state]}</p>}
      <TranscriptList
        segments={segments}
        said={positionMs === null ? -1 : segmentAt(segments, positionMs)}
        search={search}
        at={at}
        onPlay={playable ? (ms) => player.current?.seek(ms) : null}
      />
    </section>
  )
}
