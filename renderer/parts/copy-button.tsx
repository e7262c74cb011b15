// Copies a literal text, and says so where it was pressed.
import { useState } from 'react'
import { Button } from './button.tsx'

export function CopyButton({ text, shortcut = false }: { text: string; shortcut?: boolean }) {
  const [said, setSaid] = useState('Copy')
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      // No right to the clipboard: the text beside can be selected.
      () => setSaid('Select it'),
    )
  }
  return (
    <Button small onPress={copy} shortcut={shortcut ? { key: 'c', text: 'C', inDialog: true } : undefined}>
      {said}
    </Button>
  )
}
