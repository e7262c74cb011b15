// Compose's ${VAR} in the text of a YAML value: which names it uses, and what it becomes.

// $$ is a literal dollar; ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?error}, ${NAME:+other}, $NAME.
const NAME = '[A-Za-z_][A-Za-z0-9_]*'
const PLAIN = new RegExp(`^\\$(?:\\$|(${NAME}))`)
const BRACED = new RegExp(`^\\$\\{(${NAME})(?:(:?[-?+])|(?=\\}))`)

const ANY = new RegExp(`\\$\\{?(${NAME})`, 'g')

type Values = (name: string) => string | undefined

/** Every name that the text refers to, those in defaults included. */
export function namesIn(text: string): ReadonlySet<string> {
  return new Set([...text.replaceAll('$$', '').matchAll(ANY)].map(([, name]) => name ?? ''))
}

export function interpolate(text: string, values: Values): string {
  let result = ''
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at)
    const plain = PLAIN.exec(rest)
    const braced = plain === null ? BRACED.exec(rest) : null
    if (plain !== null) {
      result += plain[1] === undefined ? '$' : (values(plain[1]) ?? '')
      at += plain[0].length
    } else if (braced !== null) {
      const [head, name = '', operator = ''] = braced
      const end = closing(rest, head.length)
      result += chosen(values(name), operator, () => interpolate(rest.slice(head.length, end), values))
      at += end + 1
    } else {
      result += text[at]
      at++
    }
  }
  return result
}

function chosen(value: string | undefined, operator: string, alternative: () => string): string {
  const present = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
  if (operator.endsWith('+')) return present ? alternative() : ''
  if (operator.endsWith('-')) return present ? (value ?? '') : alternative()
  return value ?? ''
}

/** Index of the brace that closes the one before `from`; the end of the text when it is missing. */
function closing(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('${', at)) depth++
    else if (text[at] === '}' && --depth === 0) return at
  }
  return text.length
}
