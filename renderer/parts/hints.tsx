// Where else to look and whom to ask, in the words of the system's settings; addresses can be followed.
export function Hints({ items }: { items: readonly string[] }) {
  if (items.length === 0) return null
  return (
    <details aria-label="Where else to look" className="py-[9px] border-b border-line text-small text-ink-2" open>
      <summary className="font-semibold">Where else to look</summary>
      <ul className="grid grid-cols-2 max-small:grid-cols-1 gap-x-8 gap-y-1 mt-[6px]">
        {items.map((text) => (
          <li key={text}>{withLinks(text)}</li>
        ))}
      </ul>
    </details>
  )
}

const ADDRESS = /(https:\/\/[^\s;,]+[^\s;,.])/

function withLinks(text: string) {
  return text.split(ADDRESS).map((part) =>
    ADDRESS.test(part) ? (
      <a key={part} href={part} target="_blank" rel="noreferrer">
        {part}
      </a>
    ) : (
      part
    ),
  )
}
