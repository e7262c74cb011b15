// Which system a screen is about, where there are several.
interface Props {
  readonly systems: readonly string[]
  readonly system: string
  readonly onChoose: (system: string) => void
}

export function SystemPicker({ systems, system, onChoose }: Props) {
  if (systems.length < 2) return null
  return (
    <label className="flex items-center gap-2 text-small text-ink-2">
      System
      <select className="field font-semibold" value={system} onChange={(event) => onChoose(event.target.value)}>
        {systems.map((id) => (
          <option key={id}>{id}</option>
        ))}
      </select>
    </label>
  )
}
