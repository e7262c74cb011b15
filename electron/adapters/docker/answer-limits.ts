// HTTP agents for one engine: an answer that is cut off fails at once, and one without end is not read into memory.
import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'

/** The description of ten thousand containers is about a tenth of it. */
const MOST_BYTES = 64 * 1024 * 1024
/** Read as they come, by readers that have limits of their own. */
const STREAMS = /^(\/v[\d.]+)?\/(events|containers\/[^/]+\/logs)\b/

/** `code` of the error for an answer beyond the limit. */
export const TOO_LARGE = 'TOO_LARGE'

/**
 * docker-modem waits for the end of an answer and hears of neither its interruption nor its size: half an answer would
 * use up the whole deadline, an endless one the memory.
 */
export function limitAnswers<T extends HttpAgent | HttpsAgent>(agent: T): T {
  const add: unknown = Reflect.get(agent, 'addRequest')
  if (typeof add !== 'function') throw new Error('the HTTP agent has no addRequest to limit responses in')
  Reflect.set(agent, 'addRequest', (request: ClientRequest, ...rest: unknown[]) => {
    let answered = false
    request.prependOnceListener('response', (response) => {
      answered = true
      // docker-modem would follow it to any host and protocol, and throw where there is none; an engine never redirects.
      delete response.headers.location
      limit(request, response)
    })
    // Also one that was upgraded to another protocol without a request: Node closes it without an error.
    request.once('close', () => {
      if (!answered) breakOff(request, 'the connection was closed')
    })
    return Reflect.apply(add, agent, [request, ...rest])
  })
  return agent
}

function limit(request: ClientRequest, response: IncomingMessage): void {
  response.once('close', () => {
    if (!response.complete) breakOff(request, 'the response was cut off')
  })
  if (STREAMS.test(request.path) && response.statusCode === 200) return
  const { socket } = response
  const before = socket.bytesRead
  socket.on('data', () => {
    if (socket.bytesRead - before <= MOST_BYTES) return
    socket.destroy(Object.assign(new Error(`the response is larger than ${MOST_BYTES} bytes`), { code: TOO_LARGE }))
  })
}

/** The modem listens to errors of the request only, and to the first one. */
function breakOff(request: ClientRequest, message: string): void {
  if (request.listenerCount('error') === 0) return
  request.emit('error', Object.assign(new Error(message), { code: 'ECONNRESET' }))
}
