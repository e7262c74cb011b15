// Docker CLI contexts (~/.docker/contexts), read tolerantly: one damaged file does not hide the others (docker/compose#9956).
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'

const Meta = z.looseObject({
  Name: z.string(),
  Endpoints: z.looseObject({
    docker: z.looseObject({ Host: z.string(), SkipTLSVerify: z.boolean().default(false) }),
  }),
})
const Config = z.looseObject({ currentContext: z.string().optional() })

export interface Context {
  readonly name: string
  readonly host: string
  readonly skipVerify: boolean
  /** Folder with ca.pem, cert.pem and key.pem; null when the context has none. */
  readonly certificates: string | null
}

/** `folder` is the CLI's own: DOCKER_CONFIG or ~/.docker. */
export function readContexts(folder: string): { contexts: readonly Context[]; unreadable: readonly string[] } {
  const root = join(folder, 'contexts', 'meta')
  const contexts: Context[] = []
  const unreadable: string[] = []
  for (const entry of existsSync(root) ? readdirSync(root) : []) {
    const file = join(root, entry, 'meta.json')
    const meta = readJson(file, Meta)
    if (meta === null) {
      unreadable.push(file)
      continue
    }
    const { Host, SkipTLSVerify } = meta.Endpoints.docker
    // docker/cli cli/context/store: both folders are named by the hash of the name.
    const hash = createHash('sha256').update(meta.Name).digest('hex')
    const tls = join(folder, 'contexts', 'tls', hash, 'docker')
    contexts.push({
      name: meta.Name,
      host: Host,
      skipVerify: SkipTLSVerify,
      certificates: existsSync(tls) ? tls : null,
    })
  }
  return { contexts, unreadable }
}

/** `docker context use`; null when none was chosen or the file cannot be read. */
export function currentContext(folder: string): string | null {
  return readJson(join(folder, 'config.json'), Config)?.currentContext ?? null
}

function readJson<T>(file: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    // Absent, half-written, of another user or of another version: the caller says which file.
    if (error instanceof Error) return null
    throw error
  }
}
