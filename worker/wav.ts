// A WAV file of 16 kHz mono s16, written while its length is not yet known.
import { type FileHandle, open } from 'node:fs/promises'
import { sampleRate } from './resample.ts'

export interface WavFile {
  write(samples: Int16Array): Promise<void>
  /** Keeps the first `samples` and closes; no write may follow. */
  finish(samples: number): Promise<void>
  /** Gives up a file that was not finished; after `finish` it does nothing. */
  abandon(): Promise<void>
}

const headerBytes = 44
/** Two seconds: few enough system calls, little enough memory. */
const bufferBytes = 2 * sampleRate * 2

function header(samples: number): Buffer {
  const bytes = Buffer.alloc(headerBytes)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(headerBytes - 8 + samples * 2, 4)
  bytes.write('WAVEfmt ', 8)
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(sampleRate, 24)
  bytes.writeUInt32LE(sampleRate * 2, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36)
  bytes.writeUInt32LE(samples * 2, 40)
  return bytes
}

/** A disk that becomes full takes a part without an error: the rest would be a hole, heard as silence. */
async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

/** Creates the file; the header is put right by `finish`. */
export async function createWav(path: string): Promise<WavFile> {
  const file = await open(path, 'w')
  try {
    await writeAll(file, header(0), 0)
  } catch (error) {
    await file.close()
    throw error
  }
  const buffer = Buffer.alloc(bufferBytes)
  let filled = 0
  let position = headerBytes

  async function flush(handle: FileHandle): Promise<void> {
    await writeAll(handle, buffer.subarray(0, filled), position)
    position += filled
    filled = 0
  }
  return {
    async write(samples) {
      const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
      for (let at = 0; at < bytes.length; ) {
        const taken = bytes.copy(buffer, filled, at)
        at += taken
        filled += taken
        if (filled === bufferBytes) await flush(file)
      }
    },
    async finish(samples) {
      try {
        await flush(file)
        await file.truncate(headerBytes + samples * 2)
        await writeAll(file, header(samples), 0)
      } finally {
        await file.close()
      }
    },
    async abandon() {
      await file.close()
    },
  }
}
