// What a system has beside its jobs: asked for by name, and a sentence where it is not configured.
import { FailureError } from '../contract/failure.ts'
import type { System } from './ports/system.ts'

export type Part = 'broker' | 'stack' | 'env' | 'recovery'

const names: Readonly<Record<Part, string>> = {
  broker: 'no broker is configured for it',
  stack: 'no compose stack is configured for it',
  env: 'no .env file is configured for it',
  recovery: 'it takes no orders for its stuck jobs',
}

/** The sentence why something is not for this system as it is configured; null when all parts are there. */
export function missingPart(system: System, parts: readonly Part[]): string | null {
  const absent = parts.find((part) => system[part] === null)
  return absent === undefined ? null : `${system.id}: ${names[absent]}.`
}

/** The part itself. @throws `unsupported` with the sentence. */
export function needed<P extends Part>(system: System, part: P, tried: string): NonNullable<System[P]> {
  const found = system[part]
  if (found !== null) return found
  throw new FailureError({
    kind: 'unsupported',
    tried,
    on: system.id,
    because: names[part],
    remedy: 'Name it in the settings of this system.',
  })
}
