// dockerode for one endpoint: sockets, pipes, TCP with TLS, SSH with this account's keys and known hosts.
import { existsSync, readFileSync } from 'node:fs'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { join } from 'node:path'
import { inspect } from 'node:util'
import Docker from 'dockerode'
import { limitAnswers } from './answer-limits.ts'
import type { Endpoint, Machine } from './endpoint.ts'
import { hostVerifier } from './known-hosts.ts'

const READY_MS = 15_000
/** A kept connection fails at its next use when the engine was restarted in between; a new one costs a millisecond. */
const FRESH = { keepAlive: false }

/**
 * docker-modem 5 spells out each request's options for a debug line that nobody reads, hidden fields and all: through
 * the agent that is every socket of this process, up to a second of CPU for one call.
 */
const brief = <T extends HttpAgent | HttpsAgent>(agent: T): T =>
  Object.defineProperty(limitAnswers(agent), inspect.custom, { value: () => 'an agent' })

/** Every field, always: what is left out, docker-modem takes from DOCKER_HOST (practice guide §4.1). */
export function createClient(endpoint: Endpoint, machine: Machine, version: string | undefined): Docker {
  const nothing = {
    host: undefined,
    port: undefined,
    socketPath: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  }
  const more = { version, username: undefined, sshOptions: {}, timeout: undefined, pathPrefix: '/', agent: undefined }
  const options = { ...nothing, ...more, ...reach(endpoint, machine) }
  // @types/dockerode wants absent fields, docker-modem wants them present and undefined.
  return new Docker(options as Docker.DockerOptions)
}

function reach(endpoint: Endpoint, machine: Machine): object {
  switch (endpoint.kind) {
    case 'socket':
      return { protocol: 'http', agent: brief(new HttpAgent(FRESH)), socketPath: endpoint.path }
    case 'tcp': {
      const { host, port, tls } = endpoint
      if (tls === null) return { protocol: 'http', agent: brief(new HttpAgent(FRESH)), host, port }
      const { ca, cert, key, verify } = tls
      const agent = brief(new HttpsAgent({ ...FRESH, rejectUnauthorized: verify }))
      return {
        protocol: 'https',
        host,
        port,
        agent,
        ca: ca ?? undefined,
        cert: cert ?? undefined,
        key: key ?? undefined,
      }
    }
    case 'ssh':
      return {
        protocol: 'ssh',
        port: endpoint.port,
        username: endpoint.user,
        sshOptions: {
          // As `host`, docker-modem makes `ssh:vm:22vm` of it for a URL that nobody reads, which Node warns of (DEP0170).
          hostname: endpoint.host,
          ...sshIdentity(machine),
          hostVerifier: hostVerifier(endpoint.host, endpoint.port, join(machine.home, '.ssh', 'known_hosts')),
          readyTimeout: READY_MS,
        },
      }
  }
}

/** The agent, and the first usual key without a pass phrase; never a password. */
function sshIdentity({ environment, home, platform }: Machine): { agent?: string; privateKey?: Buffer } {
  const agent = environment.SSH_AUTH_SOCK ?? (platform === 'win32' ? '//./pipe/openssh-ssh-agent' : undefined)
  const [key] = ['id_ed25519', 'id_ecdsa', 'id_rsa']
    .map((name) => join(home, '.ssh', name))
    .flatMap((file) => (existsSync(file) ? [readFileSync(file)] : []))
    .filter(isOpen)
  return { ...(agent === undefined ? {} : { agent }), ...(key === undefined ? {} : { privateKey: key }) }
}

/** Nobody is there to type a pass phrase: PEM says ENCRYPTED, OpenSSH's own format names its key derivation. */
function isOpen(key: Buffer): boolean {
  const text = key.toString('latin1')
  const body = text.replace(/-----[^-]+-----/g, '')
  return !text.includes('ENCRYPTED') && !Buffer.from(body, 'base64').toString('latin1').includes('bcrypt')
}
