// Said across the top while a bundle is looked at: of when it is, which moment is shown, and that nothing can be changed.
import { moment, time } from '../format.ts'
import { hashOf } from '../route.ts'
import { useReplay } from '../use-replay.ts'

export function ReplayBar() {
  const replay = useReplay()
  if (replay === null) return null
  const atEnd = replay.at === replay.to
  return (
    <section
      aria-label="Bundle"
      className="flex items-center gap-3 max-small:flex-wrap pl-[18px] pr-(--gutter) py-[5px] min-h-[38px] bg-unknown-tint border-b border-line-strong"
    >
      <b>A bundle, read-only.</b>
      <span className="min-w-0 text-ink-2">
        Every screen shows {moment(time(replay.at))}
        {atEnd ? ', its last moment' : ''}. Nothing in it can be changed
        {replay.anonymous ? '; names of recordings were replaced' : ''}.
      </span>
      <a className="ml-auto whitespace-nowrap" href={hashOf({ view: 'past', system: null })}>
        Another moment
      </a>
    </section>
  )
}
