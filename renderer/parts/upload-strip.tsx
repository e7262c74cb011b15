// While files are on their way and the dialog is closed: how far they are, and where the report is.
import { useEffect, useRef } from 'react'
import { bytes, count, percent } from '../format.ts'
import { useServices, useStore } from '../services.tsx'
import { sumUploads } from '../uploads.ts'
import { Progress } from './progress.tsx'

export function UploadStrip() {
  const { uploads, panel, notices } = useServices()
  const sum = sumUploads(useStore(uploads.store))
  const dialogOpen = useStore(panel) === 'add'
  const busy = useRef(false)
  useEffect(() => {
    const ended = busy.current && sum.open === 0
    busy.current = sum.open > 0
    if (!ended || dialogOpen) return
    notices.say(
      `${count(sum.added, 'recording')} added, ${sum.duplicate} already here, ${sum.refused} refused.`,
      sum.refused > 0,
    )
    // What was refused stays for the dialog, which opens to say why.
    if (sum.refused > 0) panel.setState('add', true)
    else uploads.clear()
  }, [sum.open, sum.added, sum.duplicate, sum.refused, dialogOpen, notices, uploads, panel])
  if (sum.open === 0 || dialogOpen) return null
  return (
    <section aria-label="Files on their way" className="float fixed right-4 bottom-4 z-30 w-[360px] px-4 py-3">
      <div className="flex justify-between mb-[6px] text-small">
        <span>
          {sum.total - sum.open} of {count(sum.total, 'file')}, {bytes(sum.sent)} of {bytes(sum.bytes)}
        </span>
        <button type="button" className="text-accent hover:underline" onClick={() => panel.setState('add', true)}>
          Show
        </button>
      </div>
      <Progress label="Files on their way" percent={percent(sum.sent, sum.bytes)} />
    </section>
  )
}
