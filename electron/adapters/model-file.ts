// Whether a file is a whisper.cpp model: its magic number, its hyper-parameters, and that nothing is missing at its end.
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Failure, FailureError } from '../contract/failure.ts'

/** Magic and eleven hyper-parameters, all int32 (whisper.cpp src/whisper.cpp whisper_model_load). */
const headBytes = 48
const magic = 0x67676d6c

function refuse(path: string, because: string, remedy: string | null, kind: Failure['kind'] = 'invalid'): FailureError {
  return new FailureError({ kind, tried: 'Read the model', on: basename(path), because, remedy })
}

const getAnother = 'Download one of the models listed by "unjam models list", or import a ggml file.'

/** What other files that people take for models begin with. */
function guess(head: Buffer): string | null {
  const text = head.toString('latin1').trimStart().toLowerCase()
  if (text.startsWith('gguf')) return 'it is a GGUF model for other programs; whisper.cpp reads ggml files'
  if (text.startsWith('pk')) return 'it is a zip or PyTorch file, not a converted ggml model'
  if (text.startsWith('<!doctype') || text.startsWith('<html')) return 'it is a web page, not a model'
  if (text.startsWith('version https://git-lfs')) return 'it is a Git LFS pointer, not the model itself'
  return null
}

/** Throws a FailureError with the sentence when the file at `path` is not a ggml model of Whisper. Reads 48 bytes. */
export function checkModelFile(path: string): void {
  const head = Buffer.alloc(headBytes)
  let size = 0
  try {
    const found = statSync(path)
    if (found.isDirectory()) throw refuse(path, 'it is a folder, not a model file', 'Name the .bin file inside it.')
    size = found.size
    const file = openSync(path, 'r')
    try {
      readSync(file, head, 0, headBytes, 0)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof FailureError) throw error
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') throw refuse(path, 'it is not there', 'Check the path.', 'missing')
    throw refuse(path, `it cannot be read (${code ?? String(error)})`, 'Allow this account to read it.', 'refused')
  }
  if (size === 0) throw refuse(path, 'it is empty', getAnother)
  if (size < headBytes || head.readUInt32LE(0) !== magic)
    throw refuse(path, guess(head) ?? 'it is not a whisper.cpp model (ggml)', getAnother)
  const at = (i: number) => head.readInt32LE(4 + i * 4)
  const within = (i: number, low: number, high: number) => at(i) >= low && at(i) <= high
  // n_vocab, n_audio_ctx, audio state, heads, layers, n_text_ctx, text state, heads, layers, n_mels. The vocabulary
  // decides the numbers of the special tokens, so it is the surest sign; 51866 is large-v3.
  const whisper =
    within(0, 51_864, 51_900) &&
    within(1, 1, 6000) &&
    [2, 6].every((i) => within(i, 1, 8192)) &&
    [3, 4, 7, 8].every((i) => within(i, 1, 256)) &&
    within(5, 1, 6000) &&
    within(9, 40, 256)
  if (!whisper) throw refuse(path, 'it is a ggml file, but not a Whisper model', getAnother)
}

/** Bytes of a block and elements in it, by ggml type (ggml/src/ggml.c type_traits). */
const blocks: Readonly<Record<number, readonly [bytes: number, elements: number]>> = {
  0: [4, 1], // F32
  1: [2, 1], // F16
  2: [18, 32], // Q4_0
  3: [20, 32], // Q4_1
  6: [22, 32], // Q5_0
  7: [24, 32], // Q5_1
  8: [34, 32], // Q8_0
}

/** Walks the tensors of a model and throws a FailureError when the file ends before them. Reads only their headers. */
export async function checkModelComplete(path: string, signal: AbortSignal): Promise<void> {
  const cut = refuse(path, 'it is cut off: the file ends inside its data', 'Download or copy it again.')
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const read = async (from: number, length: number): Promise<Buffer> => {
      const bytes = Buffer.alloc(length)
      if ((await file.read(bytes, 0, length, from)).bytesRead < length) throw cut
      return bytes
    }
    const filters = await read(headBytes, 8)
    let at = headBytes + 8 + filters.readInt32LE(0) * filters.readInt32LE(4) * 4
    at = await afterVocabulary(read, at, size, cut)
    while (at < size) {
      signal.throwIfAborted()
      const head = await read(at, 12)
      const dimensions = head.readInt32LE(0)
      const nameLength = head.readInt32LE(4)
      if (dimensions < 1 || dimensions > 4 || nameLength < 1 || nameLength > 256) throw cut
      const shape = await read(at + 12, dimensions * 4)
      let elements = 1
      for (let i = 0; i < dimensions; i++) elements *= shape.readInt32LE(i * 4)
      const block = blocks[head.readInt32LE(8)]
      // A type this list does not know: nothing can be said about the rest, and whisper.cpp will say it itself.
      if (block === undefined) return
      at += 12 + dimensions * 4 + nameLength + (elements / block[1]) * block[0]
    }
    if (at !== size) throw cut
  } finally {
    await file.close()
  }
}

async function afterVocabulary(
  read: (from: number, length: number) => Promise<Buffer>,
  from: number,
  size: number,
  cut: FailureError,
): Promise<number> {
  const count = (await read(from, 4)).readInt32LE(0)
  // The whole vocabulary is about half a megabyte; one read instead of fifty thousand.
  const table = await read(from + 4, Math.min(size - from - 4, 8 * 1024 * 1024))
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 4 > table.length) throw cut
    at += 4 + table.readUInt32LE(at)
  }
  if (at > table.length) throw cut
  return from + 4 + at
}
