// Host keys of SSH engines: the library accepts any, so ~/.ssh/known_hosts decides as it does for the ssh command.
import { createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

/** True for keys that known_hosts lists for this host; an unknown host is refused, for nobody is there to be asked. */
export function hostVerifier(host: string, port: number, file: string) {
  return (key: Buffer): boolean =>
    knownKeys(existsSync(file) ? readFileSync(file, 'utf8') : '', host, port).has(key.toString('base64'))
}

/** Lines are `names type key`; names are patterns or `|1|salt|hash` (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). */
export function knownKeys(text: string, host: string, port: number): ReadonlySet<string> {
  const name = port === 22 ? host : `[${host}]:${port}`
  const keys = new Set<string>()
  const revoked = new Set<string>()
  for (const line of text.split(/\r?\n/)) {
    const [, marker, names, key] = /^(?:(@\S+)\s+)?([^\s#]\S*)\s+\S+\s+(\S+)/.exec(line) ?? []
    if (names === undefined || key === undefined || !matches(names, name)) continue
    if (marker === '@revoked') revoked.add(key)
    else if (marker === undefined) keys.add(key)
  }
  return new Set([...keys].filter((key) => !revoked.has(key)))
}

function matches(names: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|(.+)$/.exec(names) ?? []
  if (salt !== undefined && hash !== undefined)
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
  return names.split(',').includes(name)
}
