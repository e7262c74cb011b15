// The engines of the tests on this machine: installed as root on Debian, named where they cannot be had.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

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

/** Another program may be using the package system, and a mirror may not answer at first. */
const PATIENT = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3']

/** Installs what is missing, where this machine lets us; a failure is a failed stage (test/stages.mjs). */
export async function installEngines(stage) {
  const missing = engines.filter(({ here }) => !here()).flatMap(({ packages }) => packages)
  if (missing.length === 0 || !debianRoot) return
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await withoutServices(async () => {
    const lists = await stage('Debian package lists', 'apt-get', [...PATIENT, 'update', '-qq'], { env })
    const install = ['install', '-y', '-qq', '--no-install-recommends', ...missing]
    await stage(`Debian packages: ${missing.join(' ')}`, 'apt-get', [...PATIENT, ...install], { env, needs: [lists] })
  })
}

const electron = fileURLToPath(new URL('../node_modules/electron/path.txt', import.meta.url))

/** What runs on some machines only and is required on none: why it cannot run here (null: it can), and its suites. */
const extras = [
  {
    name: 'Electron',
    because: () => (existsSync(electron) ? null : 'its program is not downloaded: npx install-electron'),
    suites: 'the suite of the real desktop window',
  },
  {
    name: 'other Celery',
    because: () => (process.env.UNJAM_TEST_PYTHONPATH ? null : 'UNJAM_TEST_PYTHONPATH names no folder with one'),
    suites: 'the suites of queues run against Debian’s alone',
  },
  {
    name: 'Windows',
    because: () => (process.platform === 'win32' ? null : `this is ${process.platform}`),
    suites: 'the cases of named pipes, taskkill and winget',
  },
]

/** Each of them that cannot run here. */
export function missingExtras() {
  return extras.map((one) => ({ ...one, because: one.because() })).filter(({ because }) => because !== null)
}

/** What cannot be had here, each with the suites it takes with it. */
export function missingEngines() {
  return engines.filter(({ here }) => !here()).map(({ name, suites }) => ({ name, suites }))
}

/** The tests start their own servers; a package that starts one takes a port and a data directory of its own. */
async function withoutServices(install) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return install()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await install()
  } finally {
    rmSync(policy, { force: true })
  }
}

/**
 * A DOCKER_CONFIG folder with compose 2, which Debian 12 does not have: one package of the next release, unpacked beside
 * the system and not installed. Without it compose 1 alone is tested, and that is said.
 */
export async function composeTwo(stage) {
  if (process.env.UNJAM_DOCKER_CONFIG) return process.env.UNJAM_DOCKER_CONFIG
  const folder = join(homedir(), '.cache', 'unjam-tests', 'docker')
  const plugins = join(folder, 'cli-plugins')
  const plugin = join(plugins, 'docker-compose')
  if (existsSync(plugin)) return folder
  if (!debianRoot) return null
  mkdirSync(plugins, { recursive: true })
  // A folder of this run alone, renamed into place when it is complete: two clones may be tested at once.
  const apt = mkdtempSync(join(folder, 'apt-'))
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(apt, part), { recursive: true })
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
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option])
  const script = `cd "$1" && shift && apt-get "$@" update -qq && apt-get "$@" download -qq docker-compose &&
    dpkg-deb --fsys-tarfile docker-compose_*.deb | tar -xO ./usr/libexec/docker/cli-plugins/docker-compose > plugin &&
    test -s plugin && chmod 755 plugin`
  const { state } = await stage('Docker Compose 2', 'sh', ['-c', script, 'sh', apt, ...options], { optional: true })
  if (state === 'ok') renameSync(join(apt, 'plugin'), plugin)
  rmSync(apt, { recursive: true, force: true })
  return state === 'ok' ? folder : null
}
