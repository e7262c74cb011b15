// Secrets of this account, encrypted by the system: DPAPI on Windows, the keychain elsewhere.
import { safeStorage } from 'electron'
import { FailureError } from '../contract/failure.ts'

/** null when secrets can be kept; otherwise why not, and what to use instead. Ask after ready. */
export async function cannotKeepSecrets(): Promise<string | null> {
  const fallback = 'Keep passwords in environment variables and write env:NAME in the settings.'
  if (!(await safeStorage.isAsyncEncryptionAvailable()))
    return `This system offers no place for secrets to Unjam. ${fallback}`
  // Linux without a keyring "encrypts" with a fixed password, which protects nothing.
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text')
    return `No keyring runs in this session, so secrets would be kept unprotected. ${fallback}`
  return null
}

/** Text that only this account on this machine can turn back. Throws a FailureError where nothing can be kept. */
export async function encryptSecret(secret: string): Promise<string> {
  const because = await cannotKeepSecrets()
  if (because !== null) throw notKept('Keep a secret', because)
  return (await safeStorage.encryptStringAsync(secret)).toString('base64')
}

/** What `encryptSecret` was given, and whether the system asks to encrypt it again with a newer key. */
export async function decryptSecret(stored: string): Promise<{ secret: string; renew: boolean }> {
  try {
    const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(Buffer.from(stored, 'base64'))
    return { secret: result, renew: shouldReEncrypt }
  } catch (cause) {
    throw notKept('Read a secret', 'it was kept by another account or on another machine', cause)
  }
}

function notKept(tried: string, because: string, cause?: unknown): FailureError {
  const remedy = 'Enter it again in the settings.'
  return new FailureError({ kind: 'refused', tried, on: 'the secret store', because, remedy }, { cause })
}
