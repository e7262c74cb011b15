// Column titles that sort, and the box that selects all.
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { Sorting } from '../select-jobs.ts'
import type { Column } from './job-columns.tsx'

interface Props {
  readonly columns: readonly Column[]
  readonly sorting: Sorting
  readonly onSort: (next: Sorting) => void
  readonly all: boolean
  readonly some: boolean
  readonly total: number
  readonly onAll: (all: boolean) => void
}

type Head = Pick<Column, 'title' | 'sort' | 'number' | 'inverted' | 'minor'>
const name: Head = { title: 'Job', sort: 'title', number: false }

export function JobHeading({ columns, sorting, onSort, all, some, total, onAll }: Props) {
  return (
    <thead className="block sticky top-0 z-10 bg-bg">
      <tr className="job-line h-[30px] px-[10px] border-b border-line">
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
  readonly column: Head
  readonly sorting: Sorting
  readonly onSort: (next: Sorting) => void
}

function Heading({ column: { title, sort, number, inverted = false, minor = false }, sorting, onSort }: HeadingProps) {
  const sorted = sort !== null && sort === sorting.sort
  const falling = sorting.descending !== inverted
  const Arrow = falling ? ArrowDown : ArrowUp
  return (
    <th
      scope="col"
      aria-sort={sorted ? (falling ? 'descending' : 'ascending') : undefined}
      className={`${minor ? 'minor ' : ''}${number ? 'text-right pr-[22px] last:pr-0' : ''}`}
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
