// Actions on real containers, killed before and after each change that they make at the engine.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActionRequest } from '../../electron/contract/action.ts'
import { cutAfter } from '../adapters/docker/cut-proxy.ts'
import { composeProject, IMAGE, type Project, type SmallEngine, smallEngine } from '../adapters/docker/small-engine.ts'
import { composeCli } from '../support/compose-cli.ts'
import { dockerMissing } from '../support/dockerd.ts'
import { type DockerRun, openDockerHost } from './docker-host.ts'
import type { Row } from './report.ts'

const BEFORE = 'TASK_TIMEOUT_SECONDS=1800\n'
const COMPOSE = `
services:
  worker:
    image: ${IMAGE}
    init: true
    restart: unless-stopped
    environment: { TASK_TIMEOUT_SECONDS: "\${TASK_TIMEOUT_SECONDS:-}" }
    command: [sleep, "100000"]
`
const requests: Readonly<Record<'set-env' | 'scale-service', ActionRequest>> = {
  'set-env': { action: 'set-env', system: 'calls', target: 'all', params: { TASK_TIMEOUT_SECONDS: '7200' } },
  'scale-service': { action: 'scale-service', system: 'calls', target: ['worker'], params: { replicas: '2' } },
}

/** Why there are no rows here; null where there are. */
export function dockerAbsent(): string | null {
  return dockerMissing() ?? (composeCli('v2') === null ? 'there is no compose v2' : null)
}

/** One row for each action and way; calls `onWrong` for what is not as the receipt says. */
export async function dockerRows(onWrong: (what: string, wrong: readonly string[]) => void): Promise<Row[]> {
  const engine = await smallEngine()
  const path = process.env.PATH ?? ''
  const environments = {
    engine: { PATH: '/nowhere' },
    'compose v1': { PATH: path, DOCKER_CONFIG: '/nowhere' },
    'compose v2': { PATH: path, HOME: process.env.HOME ?? '', ...definedIn(composeCli('v2')?.env ?? {}) },
  }
  const ways = [
    ['set-env', 'engine'],
    ['set-env', 'compose v1'],
    ['set-env', 'compose v2'],
    ['scale-service', 'compose v1'],
    ['scale-service', 'compose v2'],
  ] as const
  const rows: Row[] = []
  try {
    for (const [action, way] of ways) {
      const row = { action: `${action} (${way})`, phase: 'execute', kind: 'SIGKILL', points: 0, tried: 0, lost: 0 }
      const counted = { ...row, doubled: 0, wrong: 0, ms: performance.now() }
      for (let change = 1, complete = false; !complete; change++)
        for (const reached of [false, true]) {
          const wrong = await killedAt(engine, requests[action], environments[way], change, reached)
          if (wrong === null) {
            complete = true
            continue
          }
          counted.points++
          counted.tried++
          if (wrong.length > 0) counted.wrong++
          if (wrong.length > 0) onWrong(`${counted.action}, ${reached ? 'after' : 'before'} change ${change}`, wrong)
        }
      counted.ms = performance.now() - counted.ms
      rows.push(counted)
    }
  } finally {
    await engine.remove()
  }
  return rows
}

let projects = 0

/** What is wrong after the recovery; null where the action made fewer changes than that. */
async function killedAt(
  engine: SmallEngine,
  request: ActionRequest,
  environment: Record<string, string>,
  change: number,
  reached: boolean,
): Promise<string[] | null> {
  const folder = mkdtempSync(join(tmpdir(), 'unjam-faults-docker-'))
  const project = composeProject(engine, folder, `faults${process.pid}x${++projects}`)
  const line = join(folder, 'line')
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  project.env(BEFORE)
  project.file(COMPOSE)
  project.compose('up', '-d')
  const place = { docker: `unix://${line}`, project: project.name, dataDir, envFile: join(folder, '.env'), environment }
  const whole = () => cutAfter(engine.socket, line, Number.POSITIVE_INFINITY, true)
  let proxy = await whole()
  try {
    const first = openDockerHost(place)
    const { fingerprint } = await first.actions.preview(request, AbortSignal.timeout(60_000))
    await first.close()
    await proxy.close()
    let child: ChildProcess | null = null
    proxy = await cutAfter(engine.socket, line, change, reached, () => child?.kill('SIGKILL'))
    const run: DockerRun = { ...place, request, fingerprint }
    child = spawn(process.execPath, [join(import.meta.dirname, 'docker-main.ts')], {
      env: { ...process.env, UNJAM_FAULT_RUN: JSON.stringify(run) },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const [, signal] = await once(child, 'exit')
    await proxy.close()
    proxy = await whole()
    if (signal !== 'SIGKILL') return null
    return await judge(engine, project, place)
  } finally {
    await proxy.close()
    project.compose('down', '-t', '1')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function judge(engine: SmallEngine, project: Project, place: Parameters<typeof openDockerHost>[0]) {
  const host = openDockerHost(place)
  const wrong: string[] = []
  const expectOne = (value: string, replicas: number, when: string) => {
    const seen = look(engine, project)
    const wanted = Array.from({ length: replicas }, () => `running ${value}`).join(', ')
    if (seen.containers.join(', ') !== wanted)
      wrong.push(`${when}: containers are ${seen.containers.join(', ')}, not ${wanted}`)
    if (seen.env.trim() !== value) wrong.push(`${when}: .env says ${seen.env.trim()}, not ${value}`)
  }
  try {
    await host.recover()
    const [receipt] = host.history.list(1, null)
    const done = receipt !== undefined && receipt.count > 0
    const scaled = receipt?.action === 'scale-service'
    expectOne(
      done && !scaled ? 'TASK_TIMEOUT_SECONDS=7200' : BEFORE.trim(),
      done && scaled ? 2 : 1,
      receipt?.summary ?? 'no receipt',
    )
    if (done) {
      await host.actions.undo(receipt.id, { actor: 'faults', via: 'terminal' })
      expectOne(BEFORE.trim(), 1, 'after its undo')
    }
    const journal = join(place.dataDir, 'recreate')
    const left = existsSync(journal) ? readdirSync(journal).join(', ') : ''
    if (left !== '') wrong.push(`left behind: ${left}`)
    wrong.push(...host.bugs)
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error))
  } finally {
    await host.close()
  }
  return wrong
}

/** State and value of every container of the worker, and the text of the .env. */
function look(engine: SmallEngine, { name, folder }: Project) {
  const ids = engine.docker('ps', '-aqf', `label=com.docker.compose.project=${name}`).split('\n').filter(Boolean)
  const inspected: { State: { Status: string }; Config: { Env: string[] } }[] =
    ids.length === 0 ? [] : JSON.parse(engine.docker('inspect', ...ids))
  return {
    env: readFileSync(join(folder, '.env'), 'utf8'),
    containers: inspected.map(
      ({ State, Config }) => `${State.Status} ${Config.Env.find((one) => one.startsWith('TASK_TIMEOUT_SECONDS='))}`,
    ),
  }
}

function definedIn(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}
