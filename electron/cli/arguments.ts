// Command-line arguments: the options every command takes, its own, and wrong usage as a sentence.
import { type ParseArgsConfig, parseArgs } from 'node:util'
import type * as z from 'zod'

/** The command line itself is wrong; the message says what and the caller adds the usage line. */
export class WrongUsage extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>

const common = {
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies Options

/** Parses strictly; node's own message is kept up to its first full stop, which names the option. */
export function readArguments<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options: { ...common, ...options }, allowPositionals: true, strict: true })
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : String(error)).split(/\.(?:\s|$)/)
    throw new WrongUsage(first ?? 'The options cannot be read')
  }
}

/** The one positional of a command, or wrong usage. */
export function onePositional(positionals: readonly string[], what: string): string {
  const [one, ...more] = positionals
  if (one === undefined) throw new WrongUsage(`${what} is missing`)
  if (more.length > 0) throw new WrongUsage(`one ${what} is enough; ${more.map(shown).join(', ')} is too many`)
  return one
}

/** An option's text through a schema; what the schema refuses is wrong usage. */
export function value<T>(schema: z.ZodType<T>, option: string, text: unknown, expected: string): T {
  const result = schema.safeParse(text)
  if (!result.success) throw new WrongUsage(`--${option} ${shown(String(text))} is not ${expected}`)
  return result.data
}

/** A positive whole number, or undefined when the option was not given. */
export function wholeNumber(option: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= 1 && number <= most)) throw new WrongUsage(`--${option} ${shown(text)} is not 1 to ${most}`)
  return number
}

const shown = (text: string) => (/^[\w./:@=-]+$/.test(text) ? text : JSON.stringify(text))
