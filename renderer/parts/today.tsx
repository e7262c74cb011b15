// Throughput today, under the chart it belongs to.
export function Today({ facts }: { facts: readonly { label: string; value: string }[] }) {
  if (facts.length === 0) return null
  return (
    <section aria-label="Today" className="mt-3">
      <h2>Today</h2>
      <dl className="mt-[6px] grid grid-cols-3 border-t border-line pt-[6px]">
        {facts.map(({ label, value }) => (
          <div key={label}>
            <dt className="text-small text-ink-3">{label}</dt>
            <dd className="font-semibold whitespace-nowrap">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
