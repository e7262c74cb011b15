// One number with its name above it.
interface FactProps {
  readonly title: string
  readonly value: string
  readonly note?: string
  readonly bad?: boolean
}

export function Fact({ title, value, note = '', bad = false }: FactProps) {
  return (
    <dl className="min-w-0">
      <dt className="text-small text-ink-3">{title}</dt>
      <dd className={`font-semibold whitespace-nowrap ${bad ? 'text-attention' : ''}`}>
        {value} {note !== '' && <span className="font-normal text-ink-3">{note}</span>}
      </dd>
    </dl>
  )
}
