// A field that may hold a secret: once left, it shows that there is one and never what it is.
import { useState } from 'react'
import { MASK } from '../../electron/contract/secrets/mask.ts'
import { hidePassword, withPassword } from '../hidden-password.ts'

interface Props {
  readonly id: string
  readonly value: string
  readonly secret: 'url' | 'whole' | null
  readonly placeholder: string
  readonly describedBy: string
  readonly wrong: boolean
  readonly onChange: (value: string) => void
}

export function SecretField({ id, value, secret, placeholder, describedBy, wrong, onChange }: Props) {
  const [typing, setTyping] = useState<string | null>(null)
  const hidden = secret === 'url' ? hidePassword(value) : { shown: value, password: null }
  const shown = typing ?? hidden.shown
  const common = {
    id,
    placeholder,
    'aria-describedby': describedBy,
    'aria-invalid': wrong,
    autoComplete: 'off',
    spellCheck: false,
    className: 'field !h-8 w-full !text-body',
  }
  if (secret === 'whole')
    return (
      <input
        {...common}
        type="password"
        value={value}
        // A stored secret is replaced as a whole: there is nothing in it to edit.
        onFocus={() => value === MASK && onChange('')}
        onChange={(event) => onChange(event.target.value)}
      />
    )
  return (
    <input
      {...common}
      value={shown}
      onChange={(event) => {
        setTyping(event.target.value)
        onChange(withPassword(event.target.value.trim(), hidden.password))
      }}
      onBlur={() => setTyping(null)}
    />
  )
}
