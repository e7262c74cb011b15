// What the engine or the way to it said, as a sentence with its remedy (practice guide §4.1, docker/for-win#14975).

import { type Failure, FailureError, type FailureKind, RETRIED } from '../../contract/failure.ts'
import { TOO_LARGE } from './answer-limits.ts'
import { AnswerFault } from './answer-shapes.ts'

type Cause = Pick<Failure, 'kind' | 'because' | 'remedy'>

/** `from` says where the address was found. Whatever is no known trouble of an engine is passed on as it is. */
export function engineFailure(error: unknown, tried: string, on: string, from = ''): FailureError {
  if (error instanceof FailureError) return error
  const cause = (on.startsWith('ssh://') ? causeOfSsh(error, from) : null) ?? causeOf(error, from)
  return new FailureError({ tried, on, ...cause }, { cause: error })
}

/** What answers, or does not, is the SSH server: nothing is known of the engine behind it. */
function causeOfSsh(error: unknown, from: string): Cause | null {
  if (facts(error).code !== 'ECONNREFUSED') return null
  return {
    kind: 'unreachable',
    because: `no SSH server listens there${from === '' ? '' : ` (${from})`}`,
    remedy: 'Check the address and the port in the settings, and try ssh USER@HOST in a terminal.',
  }
}

function causeOf(error: unknown, from: string): Cause {
  const { code, status, message } = facts(error)
  const found = from === '' ? '' : ` (${from})`
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return {
        kind: 'unreachable',
        because: `no Docker engine listens there${found}`,
        remedy: 'Start Docker; Docker Desktop runs only while its user is signed in. Retrying automatically.',
      }
    case 'EACCES':
    case 'EPERM':
      return {
        kind: 'refused',
        because: `this account may not open it${found}`,
        remedy:
          process.platform === 'win32'
            ? 'Run Unjam as administrator, or add this account to the group in the daemon’s "group" setting (docker-users) and sign in again.'
            : 'Add this account to the group docker (usermod -aG docker NAME) and sign in again.',
      }
    case 'ETIMEDOUT':
    case 'TimeoutError':
    case 'AbortError':
    case 'ABORT_ERR':
      return {
        kind: 'timeout',
        because: 'the engine accepted the connection and did not answer in time',
        remedy: 'It may be hung: restart Docker (the service com.docker.service or docker) if this lasts.',
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return {
        kind: 'unreachable',
        because: `its machine cannot be reached (${code})`,
        remedy: 'Check the name, the network and the firewall.',
      }
    case 'ECONNRESET':
    case 'EPIPE':
      return {
        kind: 'unreachable',
        because: 'the engine closed the connection: it stopped or restarts',
        remedy: RETRIED,
      }
  }
  if (code === TOO_LARGE) return notDocker('its response is larger than any that an engine sends')
  if (error instanceof AnswerFault) return notDocker(message)
  if (code.startsWith('HPE_') || message.includes('Client sent an HTTP request to an HTTPS server'))
    return notDocker('what answers there does not speak plain HTTP')
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO_|EPROTO)/.test(code))
    return {
      kind: 'refused',
      because: `the TLS handshake failed (${code})`,
      remedy: 'Check ca.pem, cert.pem and key.pem of this engine, and the name its certificate was made for.',
    }
  if (/host denied|verification failed/i.test(message))
    return {
      kind: 'refused',
      because: 'its SSH host key is not in known_hosts of this account',
      remedy: 'Connect once with ssh USER@HOST in a terminal and compare the fingerprint.',
    }
  if (/authentication methods failed|client-authentication/i.test(message))
    return {
      kind: 'refused',
      because: 'SSH accepts none of the keys of this account',
      remedy: 'Add the key to the SSH agent, or check ssh USER@HOST docker version in a terminal.',
    }
  if (status !== null) return answered(status, message)
  return { kind: 'bug', because: message, remedy: 'The details are in the log; restarting Unjam is safe.' }
}

/** An HTTP status of the engine, with its own words. */
function answered(status: number, message: string): Cause {
  const kinds: Readonly<Record<number, FailureKind>> = {
    400: 'invalid',
    401: 'refused',
    403: 'refused',
    404: 'missing',
    409: 'busy',
  }
  return { kind: kinds[status] ?? 'refused', because: own(message), remedy: null }
}

export function notDocker(because: string): Cause {
  return {
    kind: 'invalid',
    because: `it is not a Docker engine: ${because}`,
    remedy: 'Check the address in the settings; docker context ls shows those of the docker command.',
  }
}

/** `(HTTP code 404) no such container - No such container: x ` → `No such container: x`. */
function own(message: string): string {
  const [, words] = /^\(HTTP code \d+\) [^-]* - ([\s\S]*)$/.exec(message) ?? []
  return (words ?? message).trim().replace(/\.$/, '').slice(0, 500)
}

/** Whether the engine answered that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof FailureError ? error.failure.kind === 'missing' : facts(error).status === 404
}

function facts(error: unknown): { code: string; status: number | null; message: string } {
  if (!(error instanceof Error)) return { code: '', status: null, message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : null
  return { code, status, message: error.message }
}
