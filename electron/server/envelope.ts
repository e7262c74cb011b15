// What an RPC message must look like before oRPC sees it: its adapters parse unguarded (oRPC 1.16.1, message-port).

/** Longest message a window, browser or script may send, in characters. */
export const MAX_MESSAGE = 1 << 20

const ABORT = 4

/**
 * Why `data` is not a message of ours, or null when it is. A request has a path-only URL and no body headers: the
 * contract has no files, forms or input streams, so binary frames and those headers are refused rather than parsed.
 */
export function envelopeFault(data: unknown, maxLength: number = MAX_MESSAGE): string | null {
  if (typeof data !== 'string') return 'not an RPC envelope'
  if (data.length > maxLength) return 'message too large'
  const message = parse(data)
  if (!isObject(message) || typeof message.i !== 'string') return 'not an RPC envelope'
  if (message.t === ABORT) return null
  return message.t === undefined && isRequest(message.p) ? null : 'not an RPC envelope'
}

/** Whether this message only says that its sender no longer wants an answer. */
export function isAbort(data: string): boolean {
  const message = parse(data)
  return isObject(message) && message.t === ABORT
}

function isRequest(payload: unknown): boolean {
  if (!isObject(payload)) return false
  const { u: url, h: headers, m: method } = payload
  if (typeof url !== 'string' || !url.startsWith('/') || !URL.canParse(`http://orpc${url}`)) return false
  if (method !== undefined && typeof method !== 'string') return false
  if (headers === undefined) return true
  return isObject(headers) && Object.entries(headers).every(([name, value]) => typeof value === 'string' && plain(name))
}

function plain(header: string): boolean {
  return !['content-type', 'content-disposition'].includes(header.toLowerCase())
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is not an envelope: the caller of this says so.
    return undefined
  }
}
