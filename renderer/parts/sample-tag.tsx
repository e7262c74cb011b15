// The mark of everything that belongs to a sample: a word, never a colour alone.

export function SampleTag() {
  return (
    <span className="flex-none border border-line-control rounded-1 px-[5px] text-small leading-[16px] text-ink-2 bg-bg">
      Sample
    </span>
  )
}
