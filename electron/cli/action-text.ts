// What an action would do and what it did, as text for a terminal: everything that the window's dialog says.
import type { DiffLine, Preview, Receipt } from '../contract/action.ts'
import { columns, count, printable } from './columns.ts'

const SIGNS: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', removed: '-', added: '+' }

export function previewText(preview: Preview): string {
  const { table, diff } = preview
  return [
    `${printable(preview.title)}: ${preview.count}`,
    printable(preview.summary),
    sampleText(preview),
    table === null
      ? ''
      : columns(
          table.columns,
          table.rows.map(({ cells }) => cells),
        ),
    (diff ?? []).map(({ kind, text }) => `${SIGNS[kind]} ${printable(text)}`).join('\n'),
    preview.know.map((one) => `Know this: ${printable(one)}`).join('\n'),
    preview.notTouched.map((one) => `Not touched: ${printable(one)}`).join('\n'),
    preview.command === null ? '' : preview.command.split('\n').map(indented).join('\n'),
    preview.undoable ? printable(preview.undo) : `No undo. ${printable(preview.undo)}`,
    `Nothing was changed. To do it: --yes --fingerprint ${preview.fingerprint}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function sampleText({ sample, count: all }: Preview): string {
  if (sample.length === 0) return ''
  const shown = columns(
    ['id', 'name', ''],
    sample.map(({ id, title, note }) => [id, title, note]),
  )
  return all > sample.length ? `${shown}\nand ${all - sample.length} more` : shown
}

const indented = (line: string) => `    ${printable(line)}`

export function receiptText(receipt: Receipt): string {
  const left = receipt.left.map(({ id, because }) => `  left ${id}: ${printable(because)}`)
  const differs = receipt.count === receipt.previewed ? '' : ` (${receipt.previewed} were previewed)`
  return [
    `${printable(receipt.summary)}`,
    `${count(receipt.count, 'item')}${differs}; receipt ${receipt.id}`,
    ...left,
    receipt.undoable ? `Undo: unjam undo ${receipt.id} --yes` : 'It cannot be undone.',
  ].join('\n')
}
