// Settings with a wrong value in them: every fault named with its path and what is allowed, the rest still used.
import * as z from 'zod'
import { Settings } from '../contract/settings.ts'

type Path = readonly PropertyKey[]
type Issue = z.core.$ZodIssue
type Tree = Record<string, unknown>

/**
 * The settings that are valid, and a sentence for each value that is not. A wrong value counts as absent; a system
 * or an automation with a wrong value counts as absent as a whole, for half of one would look at, or do, the wrong thing.
 */
export function readSettings(raw: Tree): { settings: Settings; faults: string[] } {
  const faults: string[] = []
  let tree: Tree = structuredClone(raw)
  for (;;) {
    const result = Settings.safeParse(tree)
    if (result.success) return { settings: result.data, faults }
    for (const issue of result.error.issues) faults.push(fault(issue, tree))
    tree = without(
      tree,
      result.error.issues.map(({ path }) => path),
    )
  }
}

/** One fault as a sentence: where, what is there, and what may be there. */
export function fault(issue: Issue, tree: unknown): string {
  const { path } = issue
  // What is wrong with several values at once says so itself.
  if (issue.code === 'custom' && !issue.message.startsWith('must ')) return `${issue.message}.`
  const found = valueAt(tree, path)
  // A system's values may be secrets; their names say enough.
  const shown = path[0] === 'systems' || typeof found === 'object' ? '' : ` is ${JSON.stringify(found)} and`
  return `${pathText(path)}${shown} ${allowed(issue)}.`
}

function allowed(issue: Issue): string {
  if (issue.code === 'custom') return issue.message
  const schema = schemaAt(issue.path)
  const text = schema === null ? null : inWords(schema)
  if (text !== null) return `must be ${text}`
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return `must be one of ${issue.options.join(', ')}`
  if (issue.code === 'invalid_type')
    return `must be ${issue.expected === 'undefined' ? 'absent' : `a ${issue.expected}`}`
  return issue.message
}

interface Schema {
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly properties?: Readonly<Record<string, Schema>>
}

const root = z.toJSONSchema(Settings, { io: 'input', unrepresentable: 'any' }) as Schema

function schemaAt(path: Path): Schema | null {
  let schema: Schema | undefined = root
  for (const key of path) schema = schema?.properties?.[String(key)]
  return schema ?? null
}

/** `a whole number from 1 to 64, or null`; null where the schema says nothing a person would want to read. */
function inWords(schema: Schema): string | null {
  if (schema.anyOf !== undefined) {
    const parts = schema.anyOf.map(inWords)
    return parts.every((part) => part !== null) ? parts.join(', or ') : null
  }
  if (Array.isArray(schema.type)) return schema.type.map((type) => inWords({ ...schema, type })).join(', or ')
  if (schema.enum !== undefined) return `one of ${schema.enum.map(String).join(', ')}`
  switch (schema.type) {
    case 'null':
      return 'null'
    case 'boolean':
      return 'true or false'
    case 'string':
      return 'text'
    case 'integer':
      return `a whole number${range(schema)}`
    case 'number':
      return `a number${range(schema)}`
    default:
      return null
  }
}

function range({ minimum, maximum, exclusiveMinimum }: Schema): string {
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`
  if (least !== undefined) return ` of at least ${least}`
  return most === undefined ? '' : ` of at most ${most}`
}

function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}

function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    tree,
  )
}

function without(tree: Tree, paths: readonly Path[]): Tree {
  const rest = structuredClone(tree)
  const wrong = { systems: new Set<number>(), automations: new Set<number>() }
  for (const path of paths) {
    const [top, second] = path
    if ((top === 'systems' || top === 'automations') && typeof second === 'number') wrong[top].add(second)
    else if (top === 'systems' && Array.isArray(rest.systems)) keepFirstOfEachId(rest)
    else Reflect.deleteProperty(holder(rest, path), path.at(-1) ?? '')
  }
  for (const list of ['systems', 'automations'] as const) {
    const entries = rest[list]
    if (Array.isArray(entries)) rest[list] = entries.filter((_, index) => !wrong[list].has(index))
  }
  return rest
}

function keepFirstOfEachId(tree: Tree): void {
  if (!Array.isArray(tree.systems)) return
  const seen = new Set<unknown>()
  tree.systems = tree.systems.filter((system: unknown) => {
    const id = valueAt(system, ['id'])
    return !seen.has(id) && seen.add(id)
  })
}

function holder(tree: Tree, path: Path): object {
  const found = valueAt(tree, path.slice(0, -1))
  return typeof found === 'object' && found !== null ? found : tree
}
