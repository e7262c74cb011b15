// Of what runs its name and where it runs; on its own screen, where the name stands already, what is being done.
import { hashOf } from '../route.ts'
import type { RunModel } from '../select-running.ts'
import { Glyph } from './glyph.tsx'

/** `doing` is null where the name is to be shown. */
export function RunName({ run, doing }: { run: RunModel; doing: string | null }) {
  return (
    <>
      <span className="flex items-center gap-[6px] min-w-0">
        <Glyph name="running" />
        {doing === null ? (
          <a href={hashOf({ view: 'job', system: run.system, id: run.id })} className="text-ink font-semibold clip">
            {run.title}
          </a>
        ) : (
          <b>{doing}</b>
        )}
      </span>
      <div className="mt-[2px] ml-5 text-small text-ink-3 clip">{run.where}</div>
    </>
  )
}
