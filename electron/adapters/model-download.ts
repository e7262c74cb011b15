// One file over HTTP into a `.part`: continued where it stopped, checked against its SHA-1, put into place whole.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat, statfs } from 'node:fs/promises'
import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, get as httpsGet } from 'node:https'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Failure, FailureError } from '../contract/failure.ts'

export interface Download {
  readonly url: string
  readonly target: string
  readonly sha1: string
  readonly signal: AbortSignal
  onProgress(doneBytes: number, totalBytes: number | null): void
}

/** Silence on the line for this long counts as a lost connection. */
const idleMs = 30_000
const redirects = 5
/** Lost connections in a row without a single new byte before giving up. */
const emptyTries = 3

/** Downloads, or continues a download. Throws a FailureError naming the cause, or the signal's reason; the part is kept. */
export async function downloadFile(download: Download): Promise<void> {
  const { target, sha1, signal } = download
  const part = `${target}.part`
  let fruitless = 0
  for (;;) {
    const before = await sizeOf(part)
    try {
      await fetchRest(download, part, before)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof FailureError) throw error
      fruitless = (await sizeOf(part)) > before ? 0 : fruitless + 1
      if (fruitless >= emptyTries || !isLostConnection(error))
        throw new FailureError(explain(error, download), { cause: error })
      await delay(200 * fruitless, undefined, { signal })
      continue
    }
    if ((await sha1Of(part, signal)) === sha1) break
    await rm(part, { force: true })
    // A part of an older version of the file, continued with the new one; once more from the beginning tells.
    if (before === 0) throw new FailureError(wrongBytes(download))
  }
  await rename(part, target)
}

async function fetchRest(download: Download, part: string, have: number): Promise<void> {
  const { url, signal, onProgress } = download
  const response = await request(new URL(url), have, signal, redirects)
  const status = response.statusCode ?? 0
  if (status === 416 && have > 0) {
    // Nothing is left to send: the part is complete, or it is not a part of this file; its checksum tells.
    response.resume()
    return
  }
  if (status !== 200 && status !== 206) {
    response.resume()
    throw new FailureError(refused(download, status))
  }
  const from = status === 206 ? have : 0
  const length = Number(response.headers['content-length'])
  const total = Number.isFinite(length) ? from + length : null
  if (total !== null) await checkRoom(download, total - from)
  let done = from
  onProgress(done, total)
  response.on('data', (bytes: Buffer) => {
    done += bytes.length
    onProgress(done, total)
  })
  await pipeline(response, createWriteStream(part, { flags: from > 0 ? 'r+' : 'w', start: from }), { signal })
  if (total !== null && done < total)
    throw Object.assign(new Error('the connection ended early'), { code: 'ECONNRESET' })
}

/** GET with a Range from `have` on, following redirects; proxies named in the environment are used. */
function request(url: URL, have: number, signal: AbortSignal, left: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:'
    const agent = secure ? new HttpsAgent({ proxyEnv: process.env }) : new HttpAgent({ proxyEnv: process.env })
    const headers = { 'user-agent': 'unjam', ...(have > 0 ? { range: `bytes=${have}-` } : {}) }
    const asked = (secure ? httpsGet : httpGet)(url, { agent, headers, signal }, (response) => {
      const { location } = response.headers
      if (location === undefined || (response.statusCode ?? 0) < 300 || (response.statusCode ?? 0) >= 400) {
        resolve(response)
        return
      }
      response.resume()
      if (left === 0) reject(new Error('too many redirects'))
      else request(new URL(location, url), have, signal, left - 1).then(resolve, reject)
    })
    asked.setTimeout(idleMs, () => {
      asked.destroy(Object.assign(new Error('nothing arrived any more'), { code: 'ETIMEDOUT' }))
    })
    asked.once('error', reject)
  })
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

/** SHA-1 of a file, in hex. */
export async function sha1Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha1')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, { signal })
  return hash.digest('hex')
}

const tried = 'Download the model'
const byHand = ({ url }: Download) =>
  `Get ${url} on a machine that can reach it, then import the file with "unjam models import FILE".`

async function checkRoom(download: Download, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(download.target))
  if (bavail * bsize >= needed) return
  throw new FailureError({
    kind: 'refused',
    tried,
    on: download.target,
    because: `the disk has ${Math.floor((bavail * bsize) / 1e6)} MB left and ${Math.ceil(needed / 1e6)} MB are needed`,
    remedy: 'Free some space and start the download again; what is there is kept.',
  })
}

function wrongBytes(download: Download): Failure {
  return {
    kind: 'invalid',
    tried,
    on: download.url,
    because: 'what arrived is not the published file (its SHA-1 differs)',
    remedy: `A proxy or mirror may have changed it. ${byHand(download)}`,
  }
}

function refused(download: Download, status: number): Failure {
  const because = `the hub answered with HTTP ${status}`
  if (status === 407)
    return {
      kind: 'refused',
      tried,
      on: download.url,
      because: `${because}: the proxy wants a password`,
      remedy: 'Put user and password into HTTPS_PROXY.',
    }
  if (status === 404)
    return {
      kind: 'missing',
      tried,
      on: download.url,
      because: `${because}: it has no such file`,
      remedy: byHand(download),
    }
  if (status === 401 || status === 403)
    return { kind: 'refused', tried, on: download.url, because, remedy: byHand(download) }
  return { kind: 'unreachable', tried, on: download.url, because, remedy: 'Try again later; what is there is kept.' }
}

const lost = ['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET']
const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '')
const isLostConnection = (error: unknown) => lost.includes(codeOf(error))

function explain(error: unknown, download: Download): Failure {
  const { host } = new URL(download.url)
  const code = codeOf(error)
  const proxy = process.env.HTTPS_PROXY ?? process.env.https_proxy
  const on = download.url
  const through = proxy === undefined ? '' : ' through the proxy of HTTPS_PROXY'
  const unreachable = (because: string): Failure => ({
    kind: 'unreachable',
    tried,
    on,
    because,
    remedy: byHand(download),
  })
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return unreachable(`the name ${host} cannot be resolved${through}: no DNS or no Internet access`)
  if (code === 'ECONNREFUSED') return unreachable(`${host} refuses the connection${through}`)
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return unreachable(`there is no route to ${host}${through}`)
  if (code === 'ETIMEDOUT') return { ...unreachable(`${host} does not answer${through}`), kind: 'timeout' }
  if (isLostConnection(error)) return unreachable(`the connection to ${host}${through} keeps breaking`)
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return {
      kind: 'refused',
      tried,
      on,
      because: `the certificate of ${host} is not trusted (${code})`,
      remedy: `Where a proxy inspects traffic, name its certificate in NODE_EXTRA_CA_CERTS. ${byHand(download)}`,
    }
  if (code === 'ENOSPC')
    return {
      kind: 'refused',
      tried,
      on: download.target,
      because: 'the disk is full',
      remedy: 'Free some space and start again.',
    }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return {
      kind: 'refused',
      tried,
      on: download.target,
      because: `the folder may not be written (${code})`,
      remedy: 'Allow this account to write there.',
    }
  return unreachable(error instanceof Error ? error.message : String(error))
}
