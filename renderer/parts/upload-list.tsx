// What became of each file, one line each; what was refused says why.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import { bytes, percent } from '../format.ts'
import { useServices, useStore } from '../services.tsx'
import { inOrder, type Upload } from '../uploads.ts'
import { Glyph } from './glyph.tsx'
import type { GlyphName } from './glyph-shapes.tsx'
import { Progress } from './progress.tsx'

const looks: Readonly<Record<Upload['state'], { glyph: GlyphName; text: string }>> = {
  waiting: { glyph: 'queued', text: 'waits' },
  sending: { glyph: 'running', text: 'on its way' },
  adding: { glyph: 'running', text: 'being added' },
  added: { glyph: 'done', text: 'added' },
  duplicate: { glyph: 'skipped', text: 'already here' },
  refused: { glyph: 'failed', text: 'refused' },
}

export function UploadList() {
  const { uploads } = useServices()
  const all = inOrder(useStore(uploads.store))
  const box = useRef<HTMLDivElement>(null)
  const list = useVirtualizer({
    count: all.length,
    getScrollElement: () => box.current,
    estimateSize: () => 38,
    overscan: 8,
  })
  if (all.length === 0)
    return (
      <p className="m-auto py-10 text-ink-3">
        The same recording is never added twice; a bad file fails alone, with its reason.
      </p>
    )
  return (
    <div ref={box} className="overflow-y-auto max-h-[46vh] flex-1">
      <ul aria-label="Files" className="relative" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((item) => {
          const upload = all[item.index]
          return (
            upload !== undefined && (
              <li
                key={upload.key}
                className="absolute inset-x-0 top-0 h-[38px] border-b border-line"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <UploadRow upload={upload} />
              </li>
            )
          )
        })}
      </ul>
    </div>
  )
}

function UploadRow({ upload }: { upload: Upload }) {
  const { glyph, text } = looks[upload.state]
  const bad = upload.state === 'refused'
  return (
    <div className="grid grid-cols-[14px_minmax(0,1fr)_minmax(120px,45%)] gap-x-[9px] items-center h-full">
      <Glyph name={glyph} />
      <span className="clip" title={upload.name}>
        {upload.name}
      </span>
      {upload.state === 'sending' ? (
        <span className="grid grid-cols-[1fr_auto] gap-3 items-center text-small text-ink-3">
          <Progress label={`Sending ${upload.name}`} percent={percent(upload.sent, upload.bytes)} />
          {bytes(upload.sent)} of {bytes(upload.bytes)}
        </span>
      ) : (
        <span className={`text-small text-right clip ${bad ? 'text-failed' : 'text-ink-3'}`} title={upload.note ?? ''}>
          {text}
          {upload.note !== null && (bad ? `: ${upload.note}` : ` as ${upload.note}`)}
        </span>
      )}
    </div>
  )
}
