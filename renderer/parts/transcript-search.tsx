// Finds words in the transcript; Enter goes to the next place.
import { useRef } from 'react'
import { useKey } from '../keys.ts'
import { Kbd } from './button.tsx'

interface Props {
  readonly text: string
  readonly found: number
  readonly at: number
  readonly onText: (text: string) => void
  readonly onStep: (by: 1 | -1) => void
}

export function TranscriptSearch({ text, found, at, onText, onStep }: Props) {
  const field = useRef<HTMLInputElement>(null)
  useKey('Ctrl+f', () => field.current?.focus())
  return (
    <span className="flex items-center gap-2">
      {text !== '' && <span role="status">{found === 0 ? 'not said' : `${at + 1} of ${found}`}</span>}
      <input
        ref={field}
        type="search"
        aria-label="Search the transcript"
        placeholder="Search"
        className="field !h-6 w-[150px] text-ink"
        value={text}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            onText('')
            field.current?.blur()
          } else if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1)
          else return
          event.preventDefault()
        }}
      />
      <Kbd>Ctrl F</Kbd>
    </span>
  )
}
