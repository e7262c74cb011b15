// Which connections of Redis are the control connections of one worker, found without asking the worker.
import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'

export interface Client {
  readonly id: string
  readonly ip: string
  readonly port: number
  readonly name: string
  readonly db: number
  readonly subscribes: boolean
  readonly command: string
  readonly idleSeconds: number
}

export interface Wanted {
  readonly name: string
  readonly host: string
  readonly pid: number | null
  /** Workers that answered a moment ago, and all that are connected and do not answer. */
  readonly answering: number
  readonly silent: number
  /** No other known worker runs on a host of that name. */
  readonly aloneOnHost: boolean
}

/** `how` says how they were told apart; without clients, why they could not be. */
export interface Found {
  readonly clients: readonly Client[]
  readonly how: string
}

/** Lines of CLIENT LIST. */
export function readClients(text: string): readonly Client[] {
  return text.split('\n').flatMap((line) => {
    const fields = new Map(
      line.split(' ').map((part): [string, string] => {
        const at = part.indexOf('=')
        return [part.slice(0, at), part.slice(at + 1)]
      }),
    )
    const [, ip, port] = /^\[?(.*?)\]?:(\d+)$/.exec(fields.get('addr') ?? '') ?? []
    const id = fields.get('id')
    if (id === undefined || ip === undefined || port === undefined) return []
    return {
      id,
      ip: ip.replace(/^::ffff:/, ''),
      port: Number(port),
      name: fields.get('name') ?? '',
      db: Number(fields.get('db') ?? 0),
      subscribes: Number(fields.get('psub') ?? 0) > 0,
      command: fields.get('cmd') ?? '',
      idleSeconds: Number(fields.get('idle') ?? 0),
    }
  })
}

/** @param all clients as they were right after every worker had been pinged. */
export async function findControlConnections(
  all: readonly Client[],
  wanted: Wanted,
  world: { portsOf(pid: number): Promise<ReadonlySet<number>>; addressesOf(host: string): Promise<readonly string[]> },
): Promise<Found> {
  const subscribed = all.filter((one) => one.subscribes && one.name !== 'unjam')
  const here = all.filter(({ ip }) => isHere(ip))
  const ports = wanted.pid === null || here.length === 0 ? new Set<number>() : await world.portsOf(wanted.pid)
  const own = here.filter(({ port }) => ports.has(port))
  if (own.length > 0) {
    // A hung worker may have lost its subscriptions; cutting what it has left makes it connect anew just as well.
    const listening = own.filter((one) => one.subscribes)
    const cut = listening.length > 0 ? listening : own
    return { clients: cut, how: `process ${wanted.pid} on this machine holds ${at(cut)}` }
  }

  const addresses = wanted.aloneOnHost ? await world.addressesOf(wanted.host) : []
  const byAddress = subscribed.filter(({ ip }) => !isHere(ip) && addresses.includes(ip))
  if (byAddress.length > 0)
    return { clients: byAddress, how: `its host ${wanted.host} has the address of ${at(byAddress)}` }

  if (wanted.answering === 0 && wanted.silent === 1 && subscribed.length > 0)
    return {
      clients: subscribed,
      how: `no other worker is connected, so ${at(subscribed)} are its own or a monitor's, which connects again`,
    }

  // A worker replies over a connection from its own address; who just replied is not the one that hangs.
  const replied = new Set(
    all.filter((one) => one.command === 'lpush' && one.name !== 'unjam' && one.idleSeconds <= 1).map(({ ip }) => ip),
  )
  const rest = subscribed.filter(({ ip }) => !replied.has(ip))
  const oneAddress = new Set(rest.map(({ ip }) => ip)).size === 1
  if (oneAddress && replied.size === wanted.answering && wanted.silent === 1)
    return { clients: rest, how: `every other address just replied; only ${at(rest)} did not` }
  return {
    clients: [],
    how: 'its connection cannot be told apart from those of other workers: neither its process nor its address is known here',
  }
}

function at(clients: readonly Client[]): string {
  return clients.map(({ ip, port }) => `${ip}:${port}`).join(', ')
}

function isHere(ip: string): boolean {
  if (ip.startsWith('127.') || ip === '::1') return true
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === ip))
}

/** Local TCP ports of a process of this machine; empty when there is none or it may not be looked at. */
export async function portsOf(pid: number): Promise<ReadonlySet<number>> {
  try {
    return process.platform === 'linux' ? await portsFromProc(pid) : await portsFromNetstat(pid)
  } catch {
    // Another user's process, or none of that number: not found here is an answer.
    return new Set()
  }
}

async function portsFromProc(pid: number): Promise<ReadonlySet<number>> {
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  )
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '')),
  )
  const rows = tables.flatMap((table) => table.split('\n').slice(1)).map((row) => row.trim().split(/\s+/))
  return new Set(
    rows.flatMap((row) => (inodes.has(row[9] ?? '') ? [Number.parseInt(row[1]?.split(':')[1] ?? '', 16)] : [])),
  )
}

/** `TCP  127.0.0.1:49712  127.0.0.1:6379  ESTABLISHED  4242`: the same columns in every language of Windows. */
async function portsFromNetstat(pid: number): Promise<ReadonlySet<number>> {
  const { stdout } = await promisify(execFile)('netstat', ['-ano', '-p', 'TCP'], { timeout: 5000, windowsHide: true })
  const rows = stdout.split('\n').map((row) => row.trim().split(/\s+/))
  return new Set(rows.flatMap((row) => (row.at(-1) === String(pid) ? [Number(row[1]?.split(':').at(-1))] : [])))
}

export async function addressesOf(host: string): Promise<readonly string[]> {
  const late = new Promise<readonly string[]>((resolve) => setTimeout(resolve, 1000, []))
  const found = lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    // Names of containers are known inside their network only.
    () => [],
  )
  return Promise.race([found, late])
}
