// Logs of real containers: followed by cursor across a restart of the engine and a new container, searched, of a TTY.
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { composeStack } from '../../../electron/adapters/docker/stack.ts'
import type { ServiceLogLine } from '../../../electron/contract/service.ts'
import type { Stack } from '../../../electron/core/ports/stack.ts'
import { failureOf } from '../../support/acting.ts'
import { dockerMissing } from '../../support/dockerd.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'
import { composeProject, IMAGE, type Project, type SmallEngine, smallEngine } from './small-engine.ts'

const COUNT = 'n=0; while :; do n=$$((n+1)); echo "line $$n"; echo "also $$n" >&2; sleep 0.02; done'
const COMPOSE = `
services:
  worker:
    image: ${IMAGE}
    init: true
    environment: { ROUND: "\${ROUND:-1}" }
    command: [sh, -c, '${COUNT}']
  long:
    image: ${IMAGE}
    command: [sh, -c, 'seq 1 30000; echo "ERROR needle ä"; head -c 40000 /dev/zero | cat -v; echo; echo end']
  tty:
    image: ${IMAGE}
    tty: true
    command: [sh, -c, 'echo eins; echo zwölf']
`
const because = dockerMissing()

describe.skipIf(because !== null)(
  `logs on dockerd${because === null ? '' : ` (${because})`}`,
  () => {
    const folder = temporaryFolder()
    const signal = AbortSignal.timeout(600_000)
    let engine: SmallEngine
    let project: Project
    let stack: Stack
    const query = { system: 'calls', service: 'worker', search: '', limit: 300 }
    const texts = (lines: readonly ServiceLogLine[]) => lines.map(({ text }) => text)

    beforeAll(async () => {
      engine = await smallEngine()
      project = composeProject(engine, folder.path(), 'calls')
      project.file(COMPOSE)
      project.compose('up', '-d')
      stack = composeStack({ project: 'calls', docker: engine.url, dataDir: folder.path(), onProblem: () => undefined })
    })
    afterAll(async () => {
      await stack?.close()
      await engine?.remove()
      folder.remove()
    })

    it('pages follow each other without loss or doubles, over an engine that is restarted and a container that is new', async () => {
      const seen: ServiceLogLine[] = []
      let cursor: string | null = null
      const follow = async (more: number) => {
        const goal = seen.length + more
        await until(`${goal} lines`, async () => {
          const page = await stack.logs(
            { ...query, cursor, since: cursor === null ? '2001-01-01T00:00:00.000Z' : null, limit: 37 },
            signal,
          )
          seen.push(...page.lines)
          cursor = page.cursor
          return seen.length >= goal
        })
      }
      await follow(150)
      await engine.stop()
      await failureOf(stack.logs({ ...query, cursor }, signal))
      await engine.start()
      await stack.start('worker', signal)
      await follow(150)
      execFileSync('docker-compose', ['-p', 'calls', 'up', '-d', '-t', '0', '--scale', 'worker=2', 'worker'], {
        ...{ cwd: project.folder, stdio: 'ignore' },
        env: { ...engine.environment, ROUND: '2' },
      })
      await follow(300)
      // What was read is what the engine has, line by line: each container's own log is the beginning of it.
      for (const container of new Set(seen.map((line) => line.container))) {
        const got = texts(seen.filter((line) => line.container === container))
        for (const word of ['line', 'also']) {
          const numbers = got.filter((text) => text.startsWith(word)).map((text) => Number(text.split(' ')[1]))
          const rounds = numbers.map((n, i) => (i === 0 || n === 1 ? n === 1 : n === (numbers[i - 1] ?? 0) + 1))
          expect(rounds.every(Boolean), `${container} ${word}: ${numbers}`).toBe(true)
        }
      }
      expect(seen.filter(({ text }) => text === 'line 1').length).toBeGreaterThanOrEqual(3)
    })

    it('a first page is the end of the log, in the order of time', async () => {
      const { lines } = await stack.logs({ ...query, limit: 20 }, signal)
      expect(lines).toHaveLength(20)
      const times = lines.map(({ at }) => at ?? '')
      expect(times).toEqual([...times].sort())
      const newer = await stack.logs({ ...query, since: times.at(-1), limit: 500 }, signal)
      expect(newer.lines.every(({ at }) => (at ?? '') >= (times.at(-1) ?? '').slice(0, 19))).toBe(true)
    })

    it('a search takes text literally in any case, over more than a page, and goes on from its cursor', async () => {
      const found = await stack.logs({ ...query, service: 'long', search: 'NEEDLE ä', limit: 5 }, signal)
      expect(found.lines).toMatchObject([{ level: 'error', text: 'ERROR needle ä' }])
      expect((await stack.logs({ ...query, service: 'long', cursor: found.cursor }, signal)).lines).toEqual([])
      expect((await stack.logs({ ...query, service: 'long', search: '.*' }, signal)).lines).toEqual([])
      // Forward over 30,000 lines, bounded per page.
      let cursor: string | null = null
      const hits: string[] = []
      for (let page = 0; page < 3; page++) {
        const { lines, cursor: next } = await stack.logs(
          {
            ...query,
            service: 'long',
            search: '29999',
            cursor,
            since: cursor === null ? '2001-01-01T00:00:00.000Z' : null,
          },
          signal,
        )
        hits.push(...texts(lines))
        cursor = next
      }
      expect(hits).toEqual(['29999'])
    })

    it('a line that the engine cut in pieces is one line, bounded', async () => {
      const { lines } = await stack.logs({ ...query, service: 'long', limit: 2 }, signal)
      expect(lines[0]?.text).toMatch(/^(\^@)+…$/)
      expect(lines[0]?.text.length).toBe(10_001)
      expect(lines[1]?.text).toBe('end')
    })

    it('reads a TTY', async () => {
      expect(texts((await stack.logs({ ...query, service: 'tty' }, signal)).lines)).toEqual(['eins', 'zwölf'])
    })

    it('a cursor of something else is refused', async () => {
      expect((await failureOf(stack.logs({ ...query, cursor: 'nonsense' }, signal))).kind).toBe('invalid')
    })
  },
  120_000,
)
