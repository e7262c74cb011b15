// Secrets by the system's own store, and the sentence where it has none.
import { beforeEach, expect, test } from 'vitest'
import { cannotKeepSecrets, decryptSecret, encryptSecret } from '../../electron/shell/secrets.ts'
import { resetElectron, seen } from '../support/electron-double.ts'

beforeEach(resetElectron)

test('kept and read again; nothing of it is readable in between', async () => {
  expect(await cannotKeepSecrets()).toBeNull()
  const kept = await encryptSecret('hunter2 · ü')
  expect(Buffer.from(kept, 'base64').toString()).not.toContain('hunter2')
  expect(await decryptSecret(kept)).toEqual({ secret: 'hunter2 · ü', renew: false })
})

test('no store: a sentence with the way out, and nothing is kept', async () => {
  seen.encryption.available = false
  expect(await cannotKeepSecrets()).toContain('write env:NAME in the settings')
  await expect(encryptSecret('x')).rejects.toMatchObject({ failure: { kind: 'refused', tried: 'Keep a secret' } })
})

test.runIf(process.platform === 'linux')('a store that only pretends is none', async () => {
  seen.encryption.backend = 'basic_text'
  expect(await cannotKeepSecrets()).toContain('No keyring runs in this session')
})

test('kept by another account: said so', async () => {
  await expect(decryptSecret('')).rejects.toThrow('it was kept by another account or on another machine')
})
