// Disk and memory, of this machine and of the engine; runbook 4, memory exhaustion.
import { describe, expect, it } from 'vitest'
import type { Room } from '../../../electron/core/ports/local.ts'
import { engineNeedsLogin } from '../../../electron/core/rules/engine-needs-login.ts'
import { hostLow as rule } from '../../../electron/core/rules/host-low.ts'
import { facts, localFacts, run } from '../../support/facts.ts'
import { host, known, unknown } from '../../support/snapshot-builders.ts'
import { service } from '../../support/stack-builders.ts'

const GB = 1e9
const room = (part: Partial<Room> = {}): Room => ({
  freeMemoryBytes: 9 * GB,
  memoryBytes: 32 * GB,
  disks: [{ path: 'C:\\Unjam', freeBytes: 80 * GB, bytes: 500 * GB }],
  ...part,
})
const here = (part: Partial<Room>) => localFacts(host(), {}, { room: room(part) })
const disk = (freeBytes: number) => here({ disks: [{ path: 'C:\\Unjam', freeBytes, bytes: 500 * GB }] })
const stack = (memoryBytes: number | null, product: string | null = null) =>
  known({
    ...{ project: 'app', workingDir: 'C:\\app', configFiles: [], envFile: null, filesHere: true, compose: null },
    engine: {
      endpoint: 'npipe:////./pipe/docker_engine',
      version: '27.3.1',
      apiVersion: '1.47',
      os: 'linux',
      product,
      memoryBytes,
    },
  })
const using = (...gb: number[]) => known(gb.map((n, i) => service({ container: `app-${i}`, memoryBytes: n * GB })))

describe('host-low stays silent', () => {
  it.each([
    ['there is room', here({})],
    ['a small machine is merely small', here({ memoryBytes: 4 * GB, freeMemoryBytes: GB })],
    ['this machine cannot be measured', localFacts(host())],
    ['containers have room', facts({ stack: stack(16 * GB), services: using(6, 4) })],
    ['the engine does not say how much it has', facts({ stack: stack(null), services: using(60) })],
    ['the engine cannot be asked', facts({ stack: unknown(null), services: unknown(null) })],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

describe('host-low', () => {
  it.each([
    [4 * GB, 'warning', '4.0 GB'],
    [0.4 * GB, 'critical', '400 MB'],
  ])('names a disk with %d bytes left', (free, severity, text) => {
    expect(run(rule, disk(free))).toMatchObject([
      { severity, headline: `The disk of C:\\Unjam has ${text} left.`, evidence: [{ value: `${text} of 500 GB` }] },
    ])
  })
  it('warns before a model no longer fits', () => {
    expect(run(rule, here({ freeMemoryBytes: 0.9 * GB }))).toMatchObject([
      { severity: 'warning', headline: 'This computer has 900 MB of memory left.', places: [{ view: 'models' }] },
    ])
  })
  it('names the largest of the containers that fill the engine', () => {
    const [found] = run(rule, facts({ stack: stack(16 * GB), services: using(3, 12) }))
    expect(found?.headline).toBe('The containers use 94 % of the engine’s memory.')
    expect(found?.evidence[1]?.value).toBe('app-1, 12 GB')
  })
})

describe('engine-needs-login', () => {
  it.each([
    ['the engine is a service', facts({ stack: stack(null, 'Windows Server 2022 Datacenter') })],
    ['it does not say what it is', facts({ stack: stack(null) })],
    ['it cannot be asked', facts({ stack: unknown(null) })],
    ['no stack is configured', facts()],
  ])('stays silent when %s', (_why, given) => {
    expect(run(engineNeedsLogin, given)).toEqual([])
  })
  it('says that Docker Desktop stops at sign-out', () => {
    expect(run(engineNeedsLogin, facts({ stack: stack(16 * GB, 'Docker Desktop') }))).toMatchObject([
      { severity: 'info', headline: 'The engine is Docker Desktop. Every container stops when its user signs out.' },
    ])
  })
})
