// A draft of a QC service, tried for real: its address, its token; and what the settings keep of it.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { entryOf } from '../../electron/compose/system-entry.ts'
import { testSystem } from '../../electron/compose/test-system.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'
import { type QcServer, qcServer, TOKEN } from '../support/qc-server.ts'

let qc: QcServer
beforeEach(async () => {
  qc = await qcServer('routes', [{ id: 'a', file: 'a.mov', status: 'running', progress: 5 }])
})
afterEach(() => qc.close())

const draft = (part: object = {}) =>
  SystemSettings.parse({ id: 'qc', kind: 'qc', url: qc.url, token: 'secret:t', ...part })
const resolve = (value: string) => (value === 'secret:t' ? TOKEN : value)
const nothing = {
  stack: () => Promise.reject(new Error('not asked')),
  envFile: () => Promise.reject(new Error('not asked')),
}
const tried = async (part: object = {}) =>
  (await testSystem(draft(part), resolve, nothing, AbortSignal.timeout(60_000))).map((check) => Object.values(check))

test('what answers says so', async () => {
  expect(await tried()).toEqual([
    ['api', 'ok', 'It answers; of 4 dependencies none is ill.'],
    ['token', 'ok', 'It is accepted: 1 running, 0 queued.'],
  ])
})

test('an ill dependency, a wrong token and a wrong address each have their sentence', async () => {
  qc.health.set('groq_api', { status: 'error' })
  expect(await tried({ token: 'wrong' })).toEqual([
    ['api', 'limited', 'It answers; not ok: groq_api.'],
    [
      'token',
      'failed',
      `Read the QC jobs (${qc.url}): it does not accept this token or user (401). Correct it in the settings.`,
    ],
  ])
  await qc.close()
  for (const [, state, sentence] of await tried()) {
    expect(state).toBe('failed')
    expect(sentence).toMatch(/nothing answers there|the connection was cut/)
  }
  qc = await qcServer('routes')
})

test('the settings keep only texts that differ from the runbook’s', () => {
  expect(entryOf(draft())).not.toHaveProperty('texts')
  const own = draft({ texts: { contacts: ['Ann'] } })
  expect(SystemSettings.parse(entryOf(own))).toEqual(own)
})
