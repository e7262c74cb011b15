// The one queue or worker that a request means: its parameter, its one id, or the usual one.
import type { ActionRequest } from '../../contract/action.ts'
import { invalid } from './refuse.ts'

/** @param usual what is meant when nothing is named; null when something must be. */
export function chosenOne(
  { target, params, system }: ActionRequest,
  what: 'queue' | 'worker',
  usual: string | null,
  tried: string,
): string {
  const named = [...(target === 'all' ? [] : target), ...(params[what] === undefined ? [] : [params[what]])]
  const [one = usual, second] = [...new Set(named)]
  if (second !== undefined)
    throw invalid(tried, named.join(', '), `it works on one ${what} at a time`, 'Choose one of them.')
  if (one === null || one.trim() === '') throw invalid(tried, system, `no ${what} is named`, `Name it: ${what}=NAME.`)
  return one
}

/** A parameter that is true or false. */
export function flag({ params, system }: ActionRequest, name: string, tried: string): boolean {
  const value = params[name] ?? 'false'
  if (value !== 'true' && value !== 'false') throw invalid(tried, system, `${name}=${value} is neither true nor false`)
  return value === 'true'
}
