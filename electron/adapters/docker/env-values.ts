// The assignments of an env file, as compose reads them: enough for which keys it has and what `${KEY}` becomes.

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*(?:=\s*(.*))?$/

/** The last assignment of a key wins; a BOM, CRLF, comments and quotes are not part of a value. */
export function envValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const [, key, value] = ASSIGNMENT.exec(line) ?? []
    if (key !== undefined && value !== undefined) values.set(key, unquoted(value.trim()))
  }
  return values
}

function unquoted(value: string): string {
  const [, quote, inside] = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(value) ?? []
  if (inside === undefined) return value.replace(/\s+#.*$/, '').replace(/^#.*$/, '')
  return quote === "'" ? inside : inside.replace(/\\(["\\$])/g, '$1').replaceAll('\\n', '\n')
}
