// Plays the recording; the line shows where speech is, and a click on it goes there.
import { Pause, Play } from 'lucide-react'
import { type Ref, useImperativeHandle, useRef, useState } from 'react'
import type { Segment } from '../../electron/contract/job.ts'
import { SpeechMap } from '../charts/speech-map.tsx'
import { audio, position } from '../format.ts'
import { useKey } from '../keys.ts'

export interface PlayerHandle {
  seek(ms: number): void
}

interface Props {
  readonly system: string
  readonly id: string
  readonly segments: readonly Segment[]
  readonly totalMs: number
  readonly onPosition: (ms: number) => void
  readonly ref: Ref<PlayerHandle>
}

export function Player({ system, id, segments, totalMs, onPosition, ref }: Props) {
  const sound = useRef<HTMLAudioElement>(null)
  const [playing, setPlaying] = useState(false)
  const [positionMs, setPosition] = useState(0)
  const [broken, setBroken] = useState(false)
  const moved = () => {
    const ms = (sound.current?.currentTime ?? 0) * 1000
    setPosition(ms)
    onPosition(ms)
  }
  // A refusal to play is told by the element's own error event.
  const play = () => void sound.current?.play().catch(() => setPlaying(false))
  const seek = (ms: number) => {
    if (sound.current === null) return
    sound.current.currentTime = ms / 1000
    moved()
  }
  useImperativeHandle(ref, () => ({
    seek(ms) {
      seek(ms)
      play()
    },
  }))
  const toggle = () => (playing ? sound.current?.pause() : play())
  useKey('p', toggle)
  return (
    <div className="flex items-center gap-3 py-[11px] border-b border-line">
      {/* biome-ignore lint/a11y/useMediaCaption: the transcript beside it is the caption */}
      <audio
        ref={sound}
        src={`/media/${encodeURIComponent(system)}/${encodeURIComponent(id)}`}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={moved}
        onError={() => setBroken(true)}
      />
      <button
        type="button"
        aria-label={playing ? 'Pause' : 'Play'}
        aria-keyshortcuts="p"
        disabled={broken}
        onClick={toggle}
        className="grid place-items-center w-8 h-8 rounded-full bg-accent text-on-accent disabled:bg-line-strong"
      >
        {playing ? (
          <Pause size={14} fill="currentColor" aria-hidden="true" />
        ) : (
          <Play size={14} fill="currentColor" className="ml-[2px]" aria-hidden="true" />
        )}
      </button>
      {broken ? (
        <p className="text-small text-ink-3">
          This recording cannot be played here: the file has moved, or this window knows no player for its kind.
        </p>
      ) : (
        <>
          <div className="relative flex-1 min-w-0">
            <SpeechMap segments={segments} totalMs={totalMs} positionMs={positionMs} />
            <input
              type="range"
              aria-label="Position"
              aria-valuetext={`${position(positionMs)} of ${audio(totalMs)}`}
              className="absolute inset-0 w-full h-full opacity-0 cursor-pointer"
              min={0}
              max={totalMs}
              step={1000}
              value={Math.min(positionMs, totalMs)}
              onChange={(event) => seek(Number(event.target.value))}
            />
          </div>
          <span className="text-small whitespace-nowrap">
            <b>{position(positionMs)}</b> <span className="text-ink-3">/ {audio(totalMs)}</span>
          </span>
        </>
      )}
    </div>
  )
}
