// Which user the embedded Postgres runs as: it refuses to run as root, so root hands it to an unprivileged account.
import { lchownSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FailureError } from '../contract/failure.ts'

/** `null`: run as ourselves. */
export type Account = { readonly uid: number; readonly gid: number } | null

// `postgres` is the account made for this; `nobody` exists everywhere. initdb needs an entry in /etc/passwd.
const CANDIDATES = ['postgres', 'nobody']

/**
 * The account for the cluster in `data` (which need not exist yet). A cluster keeps the account that owns it;
 * an ordinary user cannot run one that belongs to somebody else.
 */
export function accountFor(data: string): Account {
  const self = process.getuid?.()
  if (self === undefined) return null
  const owner = ownerOf(data)
  if (self !== 0) {
    if (owner === null || owner.uid === self) return null
    throw new FailureError({
      kind: 'refused',
      tried: 'Start the embedded database',
      on: data,
      because: `its files belong to another user (uid ${owner.uid}), as they do after Unjam ran as root`,
      remedy: 'Start Unjam as that user or as root, or choose another data directory with --data.',
    })
  }
  if (owner !== null && owner.uid !== 0) return owner
  const found = CANDIDATES.map(lookUp).find((account) => account !== null)
  if (found !== undefined) return found
  throw new FailureError({
    kind: 'missing',
    tried: 'Start the embedded database as root',
    on: '/etc/passwd',
    because: `Postgres does not run as root, and this machine has neither of the users ${CANDIDATES.join(' and ')}`,
    remedy: 'Start Unjam as an ordinary user.',
  })
}

/**
 * Gives one path to the account. Only what belongs to root is given away, never another user's file, nor what a link
 * leads to, nor a file that has a second name elsewhere.
 */
export function giveTo(account: Account, path: string): void {
  if (account === null) return
  const found = lstatSync(path)
  if (found.uid !== 0 || (found.isFile() && found.nlink > 1)) return
  lchownSync(path, account.uid, account.gid)
}

/** Gives a whole folder: a cluster restored from a backup as root belongs to root. Links are not followed. */
export function giveTree(account: Account, folder: string): void {
  if (account === null || !lstatSync(folder).isDirectory()) return
  giveTo(account, folder)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) giveTree(account, path)
    else if (entry.isFile()) giveTo(account, path)
  }
}

function ownerOf(path: string): { uid: number; gid: number } | null {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : { uid: found.uid, gid: found.gid }
}

function lookUp(name: string): { uid: number; gid: number } | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  const account = { uid: Number(uid), gid: Number(gid) }
  return Number.isInteger(account.uid) && Number.isInteger(account.gid) && account.uid > 0 ? account : null
}
