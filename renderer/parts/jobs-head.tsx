// Above the jobs of a system: when they were read, and what can be added or shown otherwise.
import type { Shown } from '../select.ts'
import { Button } from './button.tsx'
import { ReadingValue } from './reading.tsx'

interface Props {
  readonly system: string
  readonly read: Shown<string>
  /** null: these jobs have no tree. */
  readonly tree: boolean | null
  readonly onTree: (tree: boolean) => void
  /** null: files cannot be added to this kind of system. */
  readonly onAdd: (() => void) | null
}

export function JobsHead({ system, read, tree, onTree, onAdd }: Props) {
  return (
    <div className="flex items-center gap-3">
      <h1 className="text-title font-display">Jobs</h1>
      <span className="text-ink-3">
        {system} · <ReadingValue shown={read}>{(text) => text}</ReadingValue>
        {read.lost !== null && ` ${read.lost.because}`}
      </span>
      <span className="ml-auto flex gap-2">
        {tree !== null && (
          <Button small onPress={() => onTree(!tree)} shortcut={{ key: 't', text: 'T' }}>
            {tree ? 'Show as a list' : 'Show as a tree'}
          </Button>
        )}
        {onAdd !== null && (
          <Button small onPress={onAdd} shortcut={{ key: 'a', text: 'A' }}>
            Add files…
          </Button>
        )}
      </span>
    </div>
  )
}
