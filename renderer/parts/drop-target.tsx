// The whole window takes files and folders; while something is held over it, it says what will happen.
import { type ReactNode, useRef, useState } from 'react'
import { readDrop } from '../dropped.ts'
import { count } from '../format.ts'
import { useServices } from '../services.tsx'

export function DropTarget({ children }: { children: ReactNode }) {
  const { uploads, notices } = useServices()
  const [over, setOver] = useState(false)
  // Each child entered raises an enter before the leave of the last one.
  const depth = useRef(0)
  const hasFiles = (event: React.DragEvent) => event.dataTransfer.types.includes('Files')
  const enter = (step: number) => (event: React.DragEvent) => {
    if (!hasFiles(event)) return
    depth.current = Math.max(0, depth.current + step)
    setOver(depth.current > 0)
  }
  const drop = (event: React.DragEvent) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    depth.current = 0
    setOver(false)
    readDrop(event.dataTransfer.items).then(
      ({ files, left }) => {
        if (left > 0) notices.say(`${count(left, 'file')} in the folder left out: not recordings.`)
        void uploads.addFiles(files)
      },
      () => notices.say('What was dropped cannot be read.', true),
    )
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the Add files dialog does the same by keyboard (WCAG 2.5.7)
    <div
      className="h-full"
      onDragEnter={enter(1)}
      onDragLeave={enter(-1)}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDrop={drop}
    >
      {children}
      {over && (
        <div className="fixed inset-3 z-50 grid place-items-center rounded-3 border-2 border-dashed border-accent bg-selected/90 pointer-events-none">
          <p className="text-title font-display">Let go to add these recordings to the queue</p>
        </div>
      )}
    </div>
  )
}
