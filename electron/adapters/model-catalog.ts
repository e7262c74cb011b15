// The models whisper.cpp publishes: size on disk, memory in use, SHA-1.
import { FailureError } from '../contract/failure.ts'

export interface PublishedModel {
  readonly name: string
  readonly fileName: string
  /** Rounded, as published; the hub tells the exact size while downloading. */
  readonly bytes: number
  readonly memoryBytes: number | null
  readonly sha1: string
}

const mib = 1024 * 1024
const mb = 1_000_000

// Name, MiB on disk, SHA-1: models/README.md of whisper.cpp 1.9.1 ("Available models"), as nodejs-whisper 0.3.1 ships
// it. Memory in MB: whisper.cpp README.md ("Memory usage"), given for unquantized models only. small.en-tdrz is left
// out: it lies in another repository.
const table: readonly (readonly [name: string, mib: number, memoryMb: number | null, sha1: string])[] = [
  ['tiny', 75, 273, 'bd577a113a864445d4c299885e0cb97d4ba92b5f'],
  ['tiny.en', 75, 273, 'c78c86eb1a8faa21b369bcd33207cc90d64ae9df'],
  ['base', 142, 388, '465707469ff3a37a2b9b8d8f89f2f99de7299dac'],
  ['base.en', 142, 388, '137c40403d78fd54d454da0f9bd998f78703390c'],
  ['small', 466, 852, '55356645c2b361a969dfd0ef2c5a50d530afd8d5'],
  ['small.en', 466, 852, 'db8a495a91d927739e50b3fc1cc4c6b8f6c2d022'],
  ['medium', 1536, 2100, 'fd9727b6e1217c2f614f9b698455c4ffd82463b4'],
  ['medium.en', 1536, 2100, '8c30f0e44ce9560643ebd10bbe50cd20eafd3723'],
  ['large-v1', 2970, 3900, 'b1caaf735c4cc1429223d5a74f0f4d0b9b59a299'],
  ['large-v2', 2970, 3900, '0f4c8e34f21cf1a914c59d8b3ce882345ad349d6'],
  ['large-v2-q5_0', 1126, null, '00e39f2196344e901b3a2bd5814807a769bd1630'],
  ['large-v3', 2970, 3900, 'ad82bf6a9043ceed055076d0fd39f5f186ff8062'],
  ['large-v3-q5_0', 1126, null, 'e6e2ed78495d403bef4b7cff42ef4aaadcfea8de'],
  ['large-v3-turbo', 1536, null, '4af2b29d7ec73d781377bfd1758ca957a807e941'],
  ['large-v3-turbo-q5_0', 547, null, 'e050f7970618a659205450ad97eb95a18d69c9ee'],
]

export const publishedModels: readonly PublishedModel[] = table.map(([name, size, memory, sha1]) => ({
  name,
  fileName: `ggml-${name}.bin`,
  bytes: size * mib,
  memoryBytes: memory === null ? null : memory * mb,
  sha1,
}))

/** The published model of that name, with or without `ggml-` and `.bin`. Throws a FailureError naming the others. */
export function publishedModel(name: string, models: readonly PublishedModel[]): PublishedModel {
  const plain = name.replace(/^ggml-/, '').replace(/\.bin$/, '')
  const found = models.find((model) => model.name === plain)
  if (found !== undefined) return found
  throw new FailureError({
    kind: 'missing',
    tried: 'Find a model to download',
    on: name,
    because: 'whisper.cpp publishes no model of that name',
    remedy: `Choose one of: ${models.map((model) => model.name).join(', ')}.`,
  })
}
