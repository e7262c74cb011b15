// What an engine without the compose command can make of a changed .env: the variables of a container, and what it cannot reach.
import type { ServiceUse } from './compose-file.ts'
import { withChanges } from './create-body.ts'
import { interpolate, namesIn } from './interpolate.ts'

type Changes = Readonly<Record<string, string | null>>

export interface Overlay {
  readonly env: readonly string[]
  /** What only compose can apply, as sentences. */
  readonly notes: readonly string[]
}

/**
 * @param use how the compose files define the service; null when they are not here: then a key is a variable's name.
 * @param file the .env as it is now, for templates that name other keys too.
 */
export function overlay(
  service: string,
  env: readonly string[],
  use: ServiceUse | null,
  changes: Changes,
  file: ReadonlyMap<string, string>,
): Overlay {
  if (use === null) return { env: withChanges(env, changes), notes: [] }
  const value = (key: string): string | undefined =>
    Object.hasOwn(changes, key) ? (changes[key] ?? undefined) : file.get(key)
  const changed = new Set(Object.keys(changes))
  const variables: Record<string, string | null> = {}
  const reached = new Set<string>()
  // An env_file gives a variable only where `environment:` does not.
  if (use.envFiles.length > 0)
    for (const key of changed)
      if (!use.environment.has(key) && env.some((line) => line.startsWith(`${key}=`))) {
        variables[key] = changes[key] ?? null
        reached.add(key)
      }
  for (const [name, template] of use.environment) {
    const names = template === null ? new Set([name]) : namesIn(template)
    const touched = [...names].filter((key) => changed.has(key))
    if (touched.length === 0) continue
    variables[name] = template === null ? (value(name) ?? null) : interpolate(template, value)
    for (const key of touched) reached.add(key)
  }
  const notes = [...changed].flatMap((key) => {
    if (use.elsewhere.has(key))
      return [`${service}: ${key} is used outside "environment:" too, which only docker compose applies.`]
    return reached.has(key) ? [] : [`${service}: its definition does not use ${key}.`]
  })
  return { env: withChanges(env, variables), notes }
}
