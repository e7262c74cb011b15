// A queue API or a QC service that answers with garbage, half, nothing or without end: a sentence, and well again afterwards.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addressOf } from '../../electron/adapters/http-json.ts'
import { qcApi } from '../../electron/adapters/qc/qc-api.ts'
import { qcSystem } from '../../electron/adapters/qc/qc-jobs.ts'
import { queueApi } from '../../electron/adapters/queue-api.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { QcTexts } from '../../electron/contract/qc-texts.ts'
import { settled, watchEscapes } from '../support/escaped-errors.ts'
import { type Behaviour, type HostileServer, hostileServer } from '../support/hostile-server.ts'
import { until } from '../support/until.ts'

const ok = (body: string | Buffer, more = '') =>
  Buffer.concat([
    Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}Connection: close\r\n\r\n`,
    ),
    Buffer.from(body),
  ])
const answer = (bytes: string | Buffer): Behaviour => ({ kind: 'answers', bytes, ends: true })
const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
const deep = 400_000

const table: readonly [string, Behaviour][] = [
  ['nothing', { kind: 'silent' }],
  ['an end at once', { kind: 'closes' }],
  ['a reset', { kind: 'resets' }],
  ['a Redis', { kind: 'answers', bytes: ':1\r\n' }],
  ['zeros', { kind: 'answers', bytes: Buffer.alloc(4096) }],
  ['a greeting nobody asked for', { kind: 'greets', bytes: '220 mail.example\r\n' }],
  ['half a status', { kind: 'answers', bytes: 'HTTP/1.1 20' }],
  ['half a body', answer(`${head}Content-Length: 100\r\n\r\n{"que`)],
  ['half a body and silence', { kind: 'answers', bytes: `${head}Content-Length: 100\r\n\r\n{"que` }],
  ['one byte a second', { kind: 'drips', bytes: `${head}Content-Length: 100\r\n\r\n{}`, everyMs: 1000 }],
  ['a body without end', { kind: 'floods', head: `${head}\r\n`, chunk: '{"a":1},'.repeat(8000) }],
  ['headers without end', { kind: 'floods', head, chunk: 'X: aaaaaaaaaaaaaaaaaaa\r\n'.repeat(1000) }],
  ['chunks that are none', answer(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`)],
  ['a broken compression', answer(ok('{"queued":1}', 'Content-Encoding: gzip\r\n'))],
  ['a redirect to nowhere', answer('HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n')],
  ['a redirect to //', answer('HTTP/1.1 302 Found\r\nLocation: //\r\nContent-Length: 0\r\n\r\n')],
  ['a redirect in a circle', answer('HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n')],
  ['a status of its own', answer('HTTP/1.1 999 No\r\nContent-Length: 2\r\n\r\n{}')],
  ['an upgrade', answer('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')],
  ['no content', answer('HTTP/1.1 204 No Content\r\n\r\n')],
  ...[
    '',
    'null',
    '1',
    'true',
    '"text"',
    '[]',
    '[[1]]',
    '{}',
    '{"__proto__":{"queued":-1}}',
    '{"queued":{"queued":{}}}',
    'NaN',
    '{"queued":NaN}',
    '{"jobs":7}',
    '\uFEFF',
  ].map((body): [string, Behaviour] => [`${JSON.stringify(body)} as JSON`, answer(ok(body))]),
  ['JSON that is nested too deep', answer(ok('['.repeat(deep) + ']'.repeat(deep)))],
  ['objects that are nested too deep', answer(ok(`${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`))],
  ['bytes that are no UTF-8', answer(ok(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0xff, 0xfe])))],
]

let server: HostileServer
let escapes: ReturnType<typeof watchEscapes>
beforeEach(() => {
  escapes = watchEscapes()
})
afterEach(async () => {
  await server?.close()
  await settled()
  expect(escapes.stop()).toEqual([])
})

/** As the core gives deadlines: with their own sentence. */
function soon(): AbortSignal {
  const over = new AbortController()
  const because = 'it did not answer in time'
  const late = new FailureError({ kind: 'timeout', tried: 'Read', on: '', because, remedy: null })
  setTimeout(() => over.abort(late), 1500).unref()
  return over.signal
}
async function failure(work: Promise<unknown>) {
  const thrown: unknown = await work.then(
    (value) => ({ value }),
    (error: unknown) => error,
  )
  return thrown instanceof FailureError ? thrown.failure : thrown
}

describe.each(table)('%s', (_name, behaviour) => {
  test('from a queue API is a sentence', async () => {
    server = await hostileServer(behaviour)
    const api = queueApi({ url: `http://127.0.0.1:${server.port}` })
    const told = await failure(api.status(soon()))
    expect(told).toMatchObject({
      kind: expect.stringMatching(/invalid|unreachable|timeout|refused/),
    })
    server.become(answer(ok('{"queued":1}')))
    expect(await api.status(soon())).toMatchObject({ queued: 1 })
  })

  test('from a QC service is a sentence for its counts', async () => {
    server = await hostileServer(behaviour)
    const api = qcApi({ url: `http://127.0.0.1:${server.port}`, token: 't' })
    const { jobs } = qcSystem({ id: 'qc', texts: QcTexts.parse({}), api: () => api })
    expect(await failure(jobs.counts(soon()))).toMatchObject({
      kind: expect.stringMatching(/invalid|unreachable|timeout|refused/),
    })
    server.become(answer(ok('{"jobs":[{"id":"a","status":"queued"}]}')))
    api.forget()
    await until(
      'its counts are known again',
      () =>
        jobs.counts(soon()).then(
          (counts) => counts.queued === 1,
          () => false,
        ),
      15_000,
    )
  })
})

test('an address with a stray % in its password is an address', () => {
  expect(addressOf('http://us%zzer:100%@host/', 'Read')).toMatchObject({
    basic: `Basic ${Buffer.from('us%zzer:100%').toString('base64')}`,
  })
})
