// Column titles that sort, and the box that selects all.
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { Sorting } from '../select-jobs.ts'
import type { Column } from './job-columns.tsx'

interface Props {
  readonly columns: readonly Column[]
  readonly template: string
  readonly sorting: Sorting
  readonly onSort: (next: Sorting) => void
  readonly all: boolean
  readonly some: boolean
  readonly total: number
  readonly onAll: (all: boolean) => void
}

const name: Pick<Column, 'title' | 'sort' | 'number' | 'inverted'> = { title: 'Job', sort: 'title', number: false }

export function JobHeading({ columns, template, sorting, onSort, all, some, total, onAll }: Props) {
  return (
    <thead className="block sticky top-0 z-10 bg-bg">
      <tr
        className="grid items-center h-[30px] px-[10px] border-b border-line"
        style={{ gridTemplateColumns: template }}
      >
        <th>
          <input
            type="checkbox"
            aria-label={`Select all ${total}`}
            checked={all}
            disabled={total === 0}
            ref={(box) => {
              if (box !== null) box.indeterminate = some && !all
            }}
            onChange={() => onAll(!all)}
          />
        </th>
        {[name, ...columns].map((column) => (
          <Heading key={column.title} column={column} sorting={sorting} onSort={onSort} />
        ))}
      </tr>
    </thead>
  )
}

interface HeadingProps {
  readonly column: Pick<Column, 'title' | 'sort' | 'number' | 'inverted'>
  readonly sorting: Sorting
  readonly onSort: (next: Sorting) => void
}

function Heading({ column: { title, sort, number, inverted = false }, sorting, onSort }: HeadingProps) {
  const sorted = sort !== null && sort === sorting.sort
  const falling = sorting.descending !== inverted
  const Arrow = falling ? ArrowDown : ArrowUp
  return (
    <th
      scope="col"
      aria-sort={sorted ? (falling ? 'descending' : 'ascending') : undefined}
      className={number ? 'text-right pr-[22px] last:pr-0' : ''}
    >
      {sort === null ? (
        title
      ) : (
        <button
          type="button"
          className={`inline-flex items-center gap-1 hover:text-ink ${sorted ? 'text-ink font-semibold' : ''}`}
          onClick={() => onSort({ sort, descending: sorted ? !sorting.descending : sort !== 'title' })}
        >
          {title}
          {sorted && <Arrow size={12} aria-hidden="true" />}
        </button>
      )}
    </th>
  )
}
