// What is read of an error that a driver of a network service throws, with no password in it.
import { maskText } from '../contract/secrets/mask-text.ts'

/** Everything else about such an error is unknown. */
export interface DriverError {
  readonly message: string
  /** `ECONNREFUSED`, an SQL state; empty where there is none. */
  readonly code: string
  /** Host and port as far as it names them; empty where it does not. */
  readonly address: string
}

export function readDriverError(thrown: unknown): DriverError {
  // A host with several addresses fails with one error for each; they say the same.
  const first = thrown instanceof AggregateError && thrown.errors.length > 0 ? thrown.errors[0] : thrown
  const field = (name: string) => {
    const value: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, name) : undefined
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  const host = field('address') || field('hostname')
  return {
    message: maskText(first instanceof Error ? first.message : String(first)),
    code: field('code'),
    address: host === '' ? '' : `${host}${field('port') === '' ? '' : `:${field('port')}`}`,
  }
}
