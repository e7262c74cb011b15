// A thin bar of a whole that is named beside it.
interface Props {
  readonly label: string
  /** null: it moves, but the whole is not known. */
  readonly percent: number | null
  readonly text?: string
}

export function Progress({ label, percent, text }: Props) {
  return (
    <div
      className="bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent ?? undefined}
      aria-valuetext={text}
    >
      <i className={percent === null ? 'wait' : ''} style={{ width: `${percent ?? 100}%` }} />
    </div>
  )
}
