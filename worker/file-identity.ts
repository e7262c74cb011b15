// What a file is, as a short hash: decides whether saved chunks may be used again.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

const wholeUpTo = 64 * 1024 * 1024
const samples = 64
const sampleBytes = 256 * 1024

/**
 * SHA-256 (first 16 hex digits) of the size and the bytes; of 64 evenly spread samples where the file is larger than
 * 64 MiB, so that a model of gigabytes costs no start-up time. Throws what opening or reading throws.
 */
export async function fileIdentity(path: string, signal: AbortSignal): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const hash = createHash('sha256').update(String(size))
    const buffer = Buffer.alloc(sampleBytes)
    const step = size <= wholeUpTo ? sampleBytes : (size - sampleBytes) / (samples - 1)
    const count = size <= wholeUpTo ? Math.ceil(size / sampleBytes) : samples
    for (let i = 0; i < count; i++) {
      signal.throwIfAborted()
      const { bytesRead } = await file.read(buffer, 0, sampleBytes, Math.floor(i * step))
      hash.update(buffer.subarray(0, bytesRead))
    }
    return hash.digest('hex').slice(0, 16)
  } finally {
    await file.close()
  }
}
