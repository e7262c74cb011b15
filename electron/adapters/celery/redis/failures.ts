// What Redis and its driver say, translated once into a Failure: what was tried, on what, why, what to do.
import { type Failure, FailureError, RETRIED } from '../../../contract/failure.ts'
import { type DriverError, readDriverError } from '../../driver-error.ts'
import { NOT_REDIS } from './reply-scan.ts'

interface Told {
  readonly kind: Failure['kind']
  readonly because: string
  readonly remedy: string | null
}
const tell = (kind: Told['kind'], because: string, remedy: string | null): Told => ({ kind, because, remedy })

/** Never throws. A FailureError passes through as it is. */
export function toFailureError(thrown: unknown, tried: string, on: string): FailureError {
  if (thrown instanceof FailureError) return thrown
  const raw = readDriverError(thrown)
  const told = network(raw) ?? tls(raw) ?? reply(raw) ?? unexpected(raw)
  return new FailureError({ tried, on, ...told }, { cause: thrown })
}

/** The one answer to a signal that came first. */
export function outOfTime(tried: string, on: string, cause: unknown): FailureError {
  return new FailureError(
    { kind: 'timeout', tried, on, because: 'it did not answer in time', remedy: RETRIED },
    { cause },
  )
}

function network({ code, address, message }: DriverError): Told | null {
  const at = address === '' ? 'its address' : address
  switch (code) {
    case NOT_REDIS:
      return tell(
        'invalid',
        `the server at this address does not speak the Redis protocol (${message})`,
        'Correct the address in the settings, or check the proxy in front of it.',
      )
    case 'ECONNREFUSED':
      return tell('unreachable', `nothing answers at ${at}`, 'Start Redis, or correct its address in the settings.')
    case 'ENOENT':
      return tell('unreachable', `there is no socket at ${at}`, 'Start Redis, or correct its address in the settings.')
    case 'EACCES':
      return tell('refused', `this account may not open ${at}`, 'Give it the right to use the socket.')
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return tell(
        'unreachable',
        `the host name ${at} is not known to this machine`,
        'Correct the address; names of compose services are known inside their network only.',
      )
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return tell('unreachable', `there is no way to ${at}`, 'Look at the network, the VPN and the firewall.')
    case 'ETIMEDOUT':
      return tell('unreachable', `${at} did not answer`, 'Look at the network, the VPN and the firewall.')
    case 'ECONNRESET':
    case 'EPIPE':
      return tell('unreachable', 'the connection was cut', RETRIED)
  }
  if (/Socket timeout|Command timed out/i.test(message))
    return tell('timeout', 'Redis has been silent for too long', 'Look for a long script or a slow disk (SLOWLOG GET).')
  if (/Connection is closed|Stream isn't writeable|connection close/i.test(message))
    return tell('unreachable', 'the connection was cut', RETRIED)
  return null
}

function tls({ code, message }: DriverError): Told | null {
  if (code === 'TLS_UNANSWERED')
    return tell(
      'unreachable',
      'it did not answer a greeting of TLS',
      'Write redis:// instead of rediss:// where it speaks no TLS; otherwise look at the network and the firewall.',
    )
  if (code === 'PLAIN_CUT_OFF')
    return tell('unreachable', 'it cut the connection off at once', 'Write rediss:// where it wants TLS.')
  if (code === 'EPROTO' || /wrong version number|packet length too long/i.test(message))
    return tell('refused', 'it does not speak TLS there', 'Write redis:// instead of rediss://, or correct the port.')
  if (/^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|CERT_)/.test(code))
    return tell(
      'refused',
      `its certificate is not trusted (${code})`,
      'Name its CA file as celery.tls.ca in the settings.',
    )
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return tell('refused', 'its certificate is for another host name', 'Use the name that the certificate has.')
  if (/^ERR_(SSL|TLS)_/.test(code)) return tell('refused', `TLS could not be agreed on (${message})`, null)
  return null
}

function reply({ message }: DriverError): Told | null {
  const [word = ''] = message.split(' ')
  switch (word) {
    case 'NOAUTH':
      return tell('refused', 'it wants a password and none is given', 'Put it into the Redis URL.')
    case 'WRONGPASS':
      return tell('refused', 'user or password is wrong', 'Correct them in the settings.')
    case 'NOPERM':
      return tell('refused', `this Redis user has not the right: ${permission(message)}`, 'Ask for it (ACL SETUSER).')
    case 'LOADING':
      return tell('busy', 'it is still loading its data', RETRIED)
    case 'BUSY':
      return tell('busy', 'a long script holds it', 'SCRIPT KILL ends the script; otherwise wait.')
    case 'MISCONF':
      return tell('refused', 'it takes no writes because it cannot save to its disk', 'Make room on its disk.')
    case 'OOM':
      return tell('refused', 'its memory is full (maxmemory)', 'Raise maxmemory, or purge what is not needed.')
    case 'READONLY':
      return tell('refused', 'it is a read-only copy', 'Use the address of the primary.')
    case 'MASTERDOWN':
    case 'CLUSTERDOWN':
      return tell('unreachable', 'its primary is down', RETRIED)
    case 'MOVED':
    case 'CROSSSLOT':
      return tell('unsupported', 'it is a cluster, which Celery cannot use as a broker', 'Use a single Redis.')
    case 'WRONGTYPE':
      return tell('invalid', 'a key with the name of a queue holds something else', 'Correct the database in the URL.')
    case 'NOSCRIPT':
      return tell('busy', 'it has just been restarted', 'Try it again.')
  }
  if (/invalid password/.test(message)) return tell('refused', 'the password is wrong', 'Correct it in the settings.')
  if (/DB index is out of range|invalid DB index/.test(message))
    return tell('missing', 'it has no database of that number', 'Correct the number at the end of the URL.')
  if (/max number of clients/.test(message))
    return tell('busy', 'it takes no more connections (maxclients)', 'Close other programs, or raise maxclients.')
  if (/unknown command/i.test(message)) return tell('unsupported', `it is too old or restricted (${message})`, null)
  // Whatever listens there answers in another language: a web server, a database.
  if (/Protocol error|expected .* got|ParserError|Please report this/i.test(message))
    return tell('invalid', 'what answers there is not a Redis', 'Correct the address in the settings.')
  return null
}

/** `NOPERM this user has no permissions to run the 'brpop' command` → `the command brpop`. */
function permission(message: string): string {
  const command = /run the '([^']+)'/.exec(message)?.[1]
  if (command !== undefined) return `the command ${command}`
  if (/channel/.test(message)) return 'one of the channels of Celery'
  if (/key/.test(message)) return 'one of the keys of Celery'
  return message
}

function unexpected({ message }: DriverError): Told {
  if (message.trim() === '') return tell('refused', 'it refused without a reason', 'Check the Redis log.')
  if (/^(ERR|[A-Z]{3,}) /.test(message)) return tell('refused', `Redis says: ${message}`, 'The details are in the log.')
  return tell('bug', message, 'The details are in the log; restarting Unjam is safe.')
}
