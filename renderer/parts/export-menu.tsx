// The transcript as a file: text, subtitles or JSON, always from the stored segments.
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { useKey } from '../keys.ts'
import { saveText } from '../save-text.ts'
import { useServices } from '../services.tsx'
import { TranscriptFormats } from '../transcript-formats.ts'
import { Kbd } from './button.tsx'

export function ExportMenu({ system, id }: { system: string; id: string }) {
  const { client, notices } = useServices()
  const [open, setOpen] = useState(false)
  useKey('e', () => setOpen(true))
  const save = (format: (typeof TranscriptFormats)[number]['format']) => {
    client.jobs.export({ system, id, format }).then(
      (file) => {
        saveText(file)
        notices.say(`Saved as ${file.fileName}.`)
      },
      (error: unknown) => notices.say(failureText(failureOf(error, 'Export the transcript')), true),
    )
  }
  return (
    <DropdownMenu.Root modal={false} open={open} onOpenChange={setOpen}>
      <DropdownMenu.Trigger className="btn small" aria-keyshortcuts="e">
        Export <Kbd>E</Kbd>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} className="float z-30 p-1 min-w-[260px]">
          {TranscriptFormats.map(({ format, title, note }) => (
            <DropdownMenu.Item key={format} className="menu-item" onSelect={() => save(format)}>
              <b className="w-10">{title}</b>
              <span className="text-ink-2">{note}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
