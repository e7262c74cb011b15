// Where the browser interface of a data directory is served, for a second `serve` that wants to show it again.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod'

const Address = z.object({ port: z.number().int(), token: z.string() })
type Address = z.infer<typeof Address>

const file = (dataDir: string) => join(dataDir, 'run', 'browser.json')
const answerWithinMs = 3000

/** Written for this account only: the token opens everything. */
export function announce(dataDir: string, address: Address): void {
  mkdirSync(dirname(file(dataDir)), { recursive: true, mode: 0o700 })
  rmSync(file(dataDir), { force: true })
  writeFileSync(file(dataDir), JSON.stringify(address), { mode: 0o600 })
}

export function withdraw(dataDir: string): void {
  rmSync(file(dataDir), { force: true })
}

/** A new one-time link from the host that serves this directory; null when none does. */
export async function freshLink(dataDir: string): Promise<string | null> {
  const address = read(dataDir)
  if (address === null) return null
  try {
    const answer = await fetch(`http://127.0.0.1:${address.port}/link`, {
      method: 'POST',
      headers: { authorization: `Bearer ${address.token}` },
      signal: AbortSignal.timeout(answerWithinMs),
    })
    if (!answer.ok) return null
    return z.object({ url: z.url() }).parse(await answer.json()).url
  } catch {
    // Nobody there, or somebody else on that port by now: then nobody serves this directory.
    return null
  }
}

function read(dataDir: string): Address | null {
  try {
    return Address.parse(JSON.parse(readFileSync(file(dataDir), 'utf8')))
  } catch {
    // Not there, or cut off by a power failure: the same as not being served.
    return null
  }
}
