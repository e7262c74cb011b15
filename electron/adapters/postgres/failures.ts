// What Postgres and its driver say, translated once into a Failure: what was tried, on what, why, what to do.
import { NOT_POSTGRES } from '../../../worker/store/checked-client.ts'
import { WrongTable } from '../../../worker/store/read-table.ts'
import { type Failure, FailureError, RETRIED } from '../../contract/failure.ts'
import { ENCODE_PASSWORD } from '../../contract/secrets/encode-userinfo.ts'
import { type DriverError, readDriverError } from '../driver-error.ts'

interface Told {
  readonly kind: Failure['kind']
  readonly because: string
  readonly remedy: string | null
}

/** query_canceled: a statement ran into its timeout. */
export const TOO_LONG = '57014'

export function sqlState(thrown: unknown): string {
  return readDriverError(thrown).code
}

/** Never throws. A FailureError passes through as it is. */
export function toFailureError(thrown: unknown, tried: string, on: string): FailureError {
  if (thrown instanceof FailureError) return thrown
  const raw = readDriverError(thrown)
  // The table is not what the mapping says: the message is already the operator's sentence.
  const wrong = thrown instanceof WrongTable ? tell('missing', raw.message.replace(/\.$/, ''), null) : null
  const told = wrong ?? network(raw) ?? server(raw) ?? unexpected(raw)
  return new FailureError({ tried, on, ...told }, { cause: thrown })
}

const tell = (kind: Told['kind'], because: string, remedy: string | null): Told => ({ kind, because, remedy })

function network({ code, address, message }: DriverError): Told | null {
  const at = address === '' ? 'its address' : address
  const start = 'Start the database, or correct its address in the settings.'
  switch (code) {
    case 'ECONNREFUSED':
      return tell('unreachable', `nothing answers at ${at}`, start)
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return tell('unreachable', `the host name ${at} is not known to this machine`, start)
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return tell('unreachable', `there is no way to ${at}`, 'Look at the network, the VPN and the firewall.')
    case 'ETIMEDOUT':
      return tell('unreachable', `${at} did not answer`, 'Look at the network, the VPN and the firewall.')
    case 'ECONNRESET':
    case 'EPIPE':
      return tell('unreachable', 'the connection was cut', RETRIED)
    case NOT_POSTGRES:
      return tell(
        'invalid',
        'the server at this address does not speak the Postgres protocol',
        'Correct its address in the settings, or check the proxy in front of it.',
      )
    case 'ERR_INVALID_URL':
      return tell('invalid', 'its URL is invalid', ENCODE_PASSWORD)
  }
  if (/timeout exceeded when trying to connect|connection timeout/i.test(message))
    return tell(
      'unreachable',
      'no connection could be had within 5 s',
      'Look whether it is Postgres that listens there, at the network and at the firewall.',
    )
  if (/Query read timeout/.test(message))
    return tell('timeout', 'the server has been silent for a minute', 'Look at the network and the server.')
  if (/Connection terminated|not queryable/i.test(message))
    return tell('unreachable', 'the connection was cut', RETRIED)
  if (/client password must be a (non-empty )?string/.test(message))
    return tell('refused', 'the server wants a password and none is given', 'Put it into the database URL.')
  if (/does not support SSL/.test(message))
    return tell('refused', 'the server does not speak TLS', 'Take sslmode out of the database URL.')
  return null
}

function server({ code, message }: DriverError): Told | null {
  const ask = 'Ask a database administrator'
  const busy = 'Try it again in a moment.'
  switch (code) {
    case '28P01':
    case '28000':
      if (/pg_hba/.test(message)) return tell('refused', message, 'Let this machine in, in pg_hba.conf of the server.')
      return tell('refused', message, 'Correct user and password in the settings.')
    case '3D000':
      return tell('missing', message, 'Correct the name of the database in the settings.')
    case '3F000':
    case '42P01':
    case '42703':
      return tell('missing', message, 'Name the table and its columns in the settings.')
    case '42501':
      return tell('refused', message, `${ask} for the right to do it.`)
    case '25006':
      return tell('refused', 'this database is read-only', 'Use the primary server, not its copy.')
    case TOO_LONG:
      return tell('timeout', 'the database needed too long for it', 'Look for locks and for a missing index.')
    case '53300':
      return tell('busy', 'the database has no connection left', 'Close other programs that hold connections.')
    case '55P03':
      return tell('busy', 'another program is changing the same rows', busy)
    case '40P01':
    case '40001':
      return tell('busy', 'another program was changing the same rows at the same time', busy)
    case '57P03':
      return tell('busy', 'the database is starting up', busy)
    case '57P01':
    case '57P02':
      return tell('unreachable', 'the database is shutting down', 'Start it again.')
    case '53100':
      return tell('refused', 'the disk of the database is full', 'Make room on it.')
    case '22007':
    case '22P02':
    case '22023':
      return tell('invalid', message, 'Correct the mapping of the table in the settings.')
  }
  if (/^23/.test(code)) return tell('refused', message, `${ask} about this rule of the table.`)
  if (/^08/.test(code)) return tell('unreachable', message, RETRIED)
  return null
}

function unexpected({ code, message }: DriverError): Told {
  if (/^[0-9A-Z]{5}$/.test(code))
    return tell('refused', `the database says: ${message} (${code})`, 'The details are in the log.')
  return tell('bug', message, 'The details are in the log; restarting Unjam is safe.')
}

/** The one answer of any adapter to a signal that came first. */
export function outOfTime(tried: string, on: string, cause: unknown): FailureError {
  return new FailureError(
    { kind: 'timeout', tried, on, because: 'it did not answer in time', remedy: RETRIED },
    { cause },
  )
}
