// The engines of the tests on this machine: installed as root on Debian, named where they cannot be had.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const runs = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0
const has = (command) => runs('which', command)
const python = () => runs('/usr/bin/python3', '-c', 'import celery, redis, psycopg2')
const debianRoot = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/etc/debian_version')

/** Each engine: how to see it, the packages that bring it, and the suites that need it. */
const engines = [
  {
    name: 'Chromium',
    here: () => has('chromium') || Boolean(process.env.UNJAM_CHROMIUM),
    packages: ['chromium'],
    suites: 'the end-to-end suite',
  },
  {
    name: 'whisper.cpp',
    here: () => has('cmake') && has('g++') && has('make'),
    packages: ['cmake', 'g++', 'make'],
    suites: 'decoding and transcription suites',
  },
  {
    name: 'Redis',
    here: () => has('redis-server') && has('redis-cli'),
    packages: ['redis-server', 'redis-tools'],
    suites: 'every suite of queues',
  },
  {
    name: 'Celery',
    here: python,
    packages: ['celery', 'python3-celery', 'python3-redis', 'python3-psycopg2'],
    suites: 'every suite of workers',
  },
  {
    name: 'PgBouncer',
    here: () => existsSync('/usr/sbin/pgbouncer'),
    packages: ['pgbouncer'],
    suites: 'the battery behind PgBouncer',
  },
  {
    name: 'Docker',
    here: () => has('dockerd') && has('docker') && has('iptables'),
    packages: ['docker.io', 'iptables'],
    suites: 'every suite of stacks',
  },
  {
    name: 'Docker Compose 1',
    here: () => has('docker-compose'),
    packages: ['docker-compose'],
    suites: 'every suite of stacks',
  },
  {
    name: 'Postgres for containers',
    here: () => runs('sh', '-c', 'ls /usr/lib/postgresql/*/bin/initdb'),
    packages: ['postgresql'],
    suites: 'the compose stack',
  },
  {
    name: 'libfaketime',
    here: () => runs('sh', '-c', 'ls /usr/lib/*/faketime/libfaketimeMT.so.1'),
    packages: ['faketime'],
    suites: 'the suite of clocks that differ',
  },
  {
    name: 'small programs',
    here: () => has('openssl') && has('setpriv') && has('ps'),
    packages: ['openssl', 'util-linux', 'procps'],
    suites: 'TLS and process suites',
  },
]

/** Installs what is missing; answers whether that worked. `stage` runs one command with its output shown. */
export function installEngines(stage) {
  const missing = engines.filter(({ here }) => !here()).flatMap(({ packages }) => packages)
  if (missing.length === 0 || !debianRoot) return true
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  return withoutServices(
    () =>
      stage('Debian package lists', 'apt-get', ['update', '-qq'], env) &&
      stage(
        `Debian packages: ${missing.join(' ')}`,
        'apt-get',
        ['install', '-y', '-qq', '--no-install-recommends', ...missing],
        env,
      ),
  )
}

/** What cannot be had here, each with the suites it takes with it. */
export function missingEngines() {
  return engines.filter(({ here }) => !here()).map(({ name, suites }) => ({ name, suites }))
}

/** The tests start their own servers; a package that starts one takes a port and a data directory of its own. */
function withoutServices(install) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return install()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return install()
  } finally {
    rmSync(policy, { force: true })
  }
}

/**
 * A DOCKER_CONFIG folder with compose 2, which Debian 12 does not have: one package of the next release, unpacked beside
 * the system and not installed. Without it compose 1 alone is tested, and that is said.
 */
export function composeTwo(stage) {
  if (process.env.UNJAM_DOCKER_CONFIG) return process.env.UNJAM_DOCKER_CONFIG
  const folder = join(homedir(), '.cache', 'unjam-tests', 'docker')
  const plugin = join(folder, 'cli-plugins', 'docker-compose')
  if (existsSync(plugin)) return folder
  if (!debianRoot) return null
  const apt = join(folder, 'apt')
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(apt, part), { recursive: true })
  mkdirSync(join(folder, 'cli-plugins'), { recursive: true })
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg'
  writeFileSync(join(apt, 'sources.list'), `deb [signed-by=${keys}] http://deb.debian.org/debian trixie main\n`)
  writeFileSync(join(apt, 'status'), '')
  const options = [
    `Dir::State::Lists=${apt}/lists`,
    `Dir::State::status=${apt}/status`,
    `Dir::Cache=${apt}/cache`,
    `Dir::Etc::SourceList=${apt}/sources.list`,
    'Dir::Etc::SourceParts=-',
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option])
  const script = `cd "$1" && shift && apt-get "$@" update -qq && apt-get "$@" download -qq docker-compose &&
    dpkg-deb --fsys-tarfile docker-compose_*.deb | tar -xO ./usr/libexec/docker/cli-plugins/docker-compose > ../cli-plugins/docker-compose &&
    chmod 755 ../cli-plugins/docker-compose`
  const ok = stage('Docker Compose 2', 'sh', ['-c', script, 'sh', apt, ...options])
  rmSync(apt, { recursive: true, force: true })
  if (!ok) rmSync(plugin, { force: true })
  return ok ? folder : null
}
