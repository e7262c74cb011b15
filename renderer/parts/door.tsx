// One of the three things a first transcript needs: there, on its way, or missing.
import type { ReactNode } from 'react'
import type { Need } from '../first-run.ts'
import { Glyph } from './glyph.tsx'
import { Progress } from './progress.tsx'

export function Door({
  note,
  title,
  need,
  children,
}: {
  note: string
  title: string
  need?: Need
  children: ReactNode
}) {
  return (
    <section
      aria-label={title}
      className="flex flex-col items-start px-8 pt-6 pb-[26px] border-l border-line first:pl-0 first:border-0 last:pr-0 [&>.btn]:mt-auto"
    >
      <div className="flex items-center gap-2 min-h-[18px] text-small text-ink-3">
        {need === undefined ? (
          <Glyph name="queued" />
        ) : (
          <Glyph name={need.ready ? 'done' : need.progress === null ? 'attention' : 'running'} />
        )}
        {note}
      </div>
      <h2 className="mt-3 mb-[6px] font-display text-[17px]/[24px]">{title}</h2>
      {need !== undefined && <p className="text-ink-2 leading-[21px] mb-4 break-words max-w-full">{need.sentence}</p>}
      {need?.progress != null && (
        <div className="w-full mt-1">
          <div className="flex justify-between mb-[6px] text-small gap-3">
            <span className="clip text-ink-2">{need.progress.text}</span>
            <b>{need.progress.percent === null ? '' : `${need.progress.percent} %`}</b>
          </div>
          <Progress label={title} percent={need.progress.percent} />
        </div>
      )}
      {children}
    </section>
  )
}
