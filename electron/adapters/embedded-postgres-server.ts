// Starts, adopts and stops the embedded server; the caller holds the start lock.
import { existsSync, realpathSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { FailureError } from '../contract/failure.ts'
import type { Account } from './embedded-postgres-account.ts'
import {
  type Cluster,
  instanceOf,
  lastComplaint,
  passwordOf,
  storedPort,
  writeSettings,
} from './embedded-postgres-cluster.ts'
import { type Answer, freePort, type Identity, identify, portIsFree, urlOf } from './embedded-postgres-identity.ts'
import { isServing, readPidFile, setPidFileAside, whoIs } from './embedded-postgres-postmaster.ts'
import { besideData, dataArgument, runTool } from './embedded-postgres-tools.ts'

export interface Server {
  readonly url: string
  readonly pid: number
  readonly adopted: boolean
}

interface Context {
  readonly cluster: Cluster
  readonly native: string
  readonly account: Account
  readonly stamp: string
  onNotice(sentence: string): void
}

const START_TRIES = 4
// Children of a killed postmaster hold its shared memory and port for a moment, and a port can be lost between the
// probe and the start: both pass by themselves. The messages are not translated: the server runs with LC_ALL=C.
const PASSING = /shared memory|lock file|could not (bind|create any TCP)|terminating|shutting down/
const START_WAIT_SECONDS = 60

/** The server of a complete cluster: the one that runs already, else a new one. */
export async function startServer(context: Context): Promise<Server> {
  const { cluster, account } = context
  const identity = { instance: instanceOf(cluster, account), password: passwordOf(cluster) }
  const running = await adopt(context, identity)
  if (running !== null) return running
  let complaint: string | null = null
  for (let attempt = 1; attempt <= START_TRIES; attempt++) {
    const port = await choosePort(context, attempt)
    writeSettings(cluster, account, identity.instance, port)
    const logged = statSync(cluster.log).size
    await pgCtl(context, ['-l', besideData(cluster.data, '..', 'log'), '-t', String(START_WAIT_SECONDS), 'start'])
    const answer = await settled(port, context, identity)
    const pid = readPidFile(cluster.data)?.pid
    if (answer === 'ours' && pid !== undefined && isServing(pid, cluster.data))
      return { url: urlOf(port, identity.password), pid, adopted: false }
    complaint = await lastComplaint(cluster, logged)
    if (complaint !== null && !PASSING.test(complaint)) break
    await delay(300 * attempt)
  }
  throw new FailureError({
    kind: 'refused',
    tried: 'Start the embedded database',
    on: cluster.data,
    because: complaint ?? 'it did not come up and said nothing',
    remedy: `Its log is ${cluster.log}.`,
  })
}

/** Stops the server of this folder, if one runs: fast, then immediately. Never by killing it. */
export async function stopServer(context: Omit<Context, 'stamp' | 'onNotice'>): Promise<void> {
  const { cluster } = context
  const file = readPidFile(cluster.data)
  // pg_ctl would signal whatever process has that number now.
  if (file === null || (await whoIs(file.pid, cluster.data)) !== 'ours') return
  const code = await pgCtl(context, ['-m', 'fast', '-t', '60', 'stop'])
  if (code !== 0 && existsSync(cluster.data)) await pgCtl(context, ['-m', 'immediate', '-t', '30', 'stop'])
  // The pid file goes first, the process a few milliseconds later.
  for (let i = 0; i < 100 && (await whoIs(file.pid, cluster.data)) === 'ours'; i++) await delay(20)
}

/** The server that outlived an earlier Unjam, or null after a stale postmaster.pid was dealt with. */
async function adopt(context: Context, identity: Identity): Promise<Server | null> {
  const { cluster, stamp, onNotice } = context
  const file = readPidFile(cluster.data)
  if (file === null) return null
  const who = await whoIs(file.pid, cluster.data)
  const said = await settled(file.port, context, identity)
  // On Linux the process is the proof, and a server that says it is ours without being it serves the folder that this
  // one was copied from. Elsewhere a command line may be unreadable, and the folder the server names is the proof.
  const answer = said === 'ours' && who !== 'ours' && process.platform === 'linux' ? 'other' : said
  if (answer === 'ours' && who !== 'gone')
    return { url: urlOf(file.port, identity.password), pid: file.pid, adopted: true }
  if (who === 'ours') {
    throw new FailureError({
      kind: answer === 'recovering' ? 'busy' : 'unreachable',
      tried: 'Use the embedded database that is already running',
      on: `process ${file.pid}`,
      because:
        answer === 'recovering'
          ? 'it is still recovering after it was not shut down properly'
          : `it does not let Unjam in on port ${file.port}`,
      remedy: answer === 'recovering' ? 'Wait; nothing is lost.' : `Its log is ${cluster.log}.`,
    })
  }
  // Not by the process, and the port must agree: nothing there, or a Postgres that says it is another one.
  if (answer === 'silent' || answer === 'recovering' || answer === 'ours') {
    throw new FailureError({
      kind: 'busy',
      tried: 'Start the embedded database',
      on: cluster.data,
      because: `something answers on its port ${file.port}, and it cannot be told whether it is this database`,
      remedy: `End the program on port ${file.port}, or wait until it answers.`,
    })
  }
  const aside = setPidFileAside(cluster.data, stamp)
  if (who === 'foreign') onNotice(`A stale lock file of the embedded database was set aside as ${aside}.`)
  return null
}

/** Asks until it is no longer recovering; kill -9 of a busy server can take its time to redo. */
async function settled(port: number, { cluster }: Context, identity: Identity): Promise<Answer> {
  const folder = process.platform === 'linux' ? dataArgument(cluster.data) : realpathSync(cluster.data)
  const end = Date.now() + START_WAIT_SECONDS * 1000
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return 'closed'
  for (;;) {
    const answer = await identify(port, folder, identity)
    if (answer !== 'recovering' || Date.now() > end) return answer
    await delay(100)
  }
}

async function choosePort({ cluster, onNotice }: Context, attempt: number): Promise<number> {
  const stored = storedPort(cluster)
  if (stored !== null && attempt < START_TRIES && (await portIsFree(stored))) return stored
  const port = await freePort()
  if (stored !== null)
    onNotice(`Port ${stored} is taken by another program, so the embedded database now listens on port ${port}.`)
  return port
}

async function pgCtl({ cluster, native, account }: Omit<Context, 'stamp' | 'onNotice'>, args: readonly string[]) {
  const { code } = await runTool('pg_ctl', ['-D', dataArgument(cluster.data), '-w', '-s', ...args], {
    native,
    account,
    cwd: cluster.data,
    deadlineMs: (START_WAIT_SECONDS + 30) * 1000,
    output: 'ignore',
  })
  return code
}
