// No secret of a .env comes out of anything that shows, records or hands over: four characters in a row are too many.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { createLog } from '../../electron/adapters/log.ts'
import { FailureError, maskFailure } from '../../electron/contract/failure.ts'
import { findKnown } from '../../electron/contract/secrets/known-text.ts'
import { diffEnv } from '../../electron/core/env-diff.ts'
import { maskEnv, unmaskEnv } from '../../electron/core/env-mask.ts'
import { envSecrets } from '../../electron/core/env-secrets.ts'
import { readEnvView } from '../../electron/core/env-state.ts'
import { redact } from '../../electron/core/redact.ts'
import { act, acting, admin, failureOf, request, signal } from '../support/acting.ts'
import { freshStack, memoryEnv } from '../support/memory-env.ts'
import { leaked, type SecretEnv, secretEnvs } from '../support/secret-env.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterAll(folders.remove)

const holdsNothing = (shown: unknown, env: SecretEnv, what: string) => {
  const part = leaked(typeof shown === 'string' ? shown : JSON.stringify(shown), env)
  expect(part, `${what} of ${JSON.stringify(env.text)} shows ${part}: ${JSON.stringify(shown)}`).toBeNull()
}

it('not the editor, the table nor the diff; and the masked text comes back byte for byte, edited elsewhere or not', async () => {
  await fc.assert(
    fc.asyncProperty(secretEnvs, secretEnvs, async (env, other) => {
      const shown = maskEnv(env.text)
      holdsNothing(shown, env, 'the masked text')
      holdsNothing({ ...(await readEnvView(memoryEnv(env.text), null, signal)), hash: '' }, env, 'the view')
      const both = { text: env.text + other.text, secrets: [...env.secrets, ...other.secrets] }
      holdsNothing(diffEnv(env.text, other.text), both, 'the diff')
      expect(unmaskEnv(shown, env.text)).toBe(env.text)
      expect(unmaskEnv(`NEW=1\n${shown}`, env.text)).toBe(`NEW=1\n${env.text}`)
      const ended = env.text === '' || env.text.endsWith('\n')
      if (ended) expect(unmaskEnv(`${shown}NEW=1\n`, env.text)).toBe(`${env.text}NEW=1\n`)
    }),
    { numRuns: 1000 },
  )
})

it('not the preview, the receipt nor the error when containers do not come up and quote everything', async () => {
  await fc.assert(
    fc.asyncProperty(secretEnvs, async (env) => {
      const file = memoryEnv(env.text)
      const stack = await freshStack(file, {
        worker: ['TASK_TIMEOUT_SECONDS', 'DATABASE_URL', 'FOO_TOKEN', 'COPY', 'NEW'],
      })
      const on = acting([], { kind: 'recordings', parts: { env: file, stack } })
      const hash = (await file.read(signal)).hash
      const params = { '.text': `NEW=1\n${maskEnv(env.text)}`, '.hash': hash }
      const { preview, receipt } = await act(on, { action: 'set-env', params })
      expect(file.text).toBe(`NEW=1\n${env.text}`)
      holdsNothing({ ...preview, fingerprint: '' }, env, 'the preview')
      holdsNothing(receipt, env, 'the receipt')
      stack.refuses = () => `it cannot start with ${env.text}`
      const again = {
        action: 'set-env',
        params: { '.text': maskEnv(env.text), '.hash': (await file.read(signal)).hash },
      } as const
      const { fingerprint } = await on.actions.preview(request(again), signal)
      holdsNothing(await failureOf(on.actions.execute(request(again), fingerprint, admin)), env, 'the error')
    }),
    { numRuns: 300 },
  )
})

it('not the log, an error, nor a bundle that quotes the whole file', () => {
  fc.assert(
    fc.property(secretEnvs, (env) => {
      const secrets = envSecrets(env.text)
      const file = join(folders.path(), 'unjam.log')
      const log = createLog({ file, stderr: false, secrets: () => secrets })
      const failure = {
        kind: 'bug',
        tried: 'Try',
        on: env.text,
        because: `it says ${env.text}`,
        remedy: env.text,
      } as const
      log.error('test', env.text, {
        line: env.text,
        error: new FailureError(failure),
        json: JSON.stringify({ x: env.text }),
      })
      holdsNothing(readFileSync(file, 'utf8'), env, 'the log')
      holdsNothing(maskFailure(failure, findKnown(secrets)), env, 'the failure')
      holdsNothing(redact({ headline: env.text, nested: [env.text] }, { secrets, anonymous: false }), env, 'the bundle')
    }),
    { numRuns: 300 },
  )
})
