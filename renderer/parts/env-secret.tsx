// A masked value of the .env, shown on demand and hidden again with its row.
import { useState } from 'react'
import { failureOf } from '../client.ts'
import { failureText } from '../format.ts'
import { useServices } from '../services.tsx'

interface Props {
  readonly system: string
  readonly name: string
  readonly masked: string
}

export function EnvSecret({ system, name, masked }: Props) {
  const { client, notices } = useServices()
  const [value, setValue] = useState<string | null>(null)
  const reveal = () =>
    client.stack.reveal({ system, key: name }).then(
      (answer) => setValue(answer.value),
      (error: unknown) => notices.say(failureText(failureOf(error, 'Show the value')), true),
    )
  return (
    <span className="flex items-center gap-2 min-w-0 py-[3px]">
      <code className={value === null ? 'clip min-w-0' : 'whitespace-pre-wrap break-all'}>{value ?? masked}</code>
      <button
        type="button"
        className="btn small shrink-0"
        aria-label={`${value === null ? 'Show' : 'Hide'} the value of ${name}`}
        onClick={(event) => {
          event.stopPropagation()
          if (value === null) void reveal()
          else setValue(null)
        }}
      >
        {value === null ? 'Show' : 'Hide'}
      </button>
    </span>
  )
}
