// Every secret value this process knows, so that no log line can hold one whatever key it stands under.
import { passwordsIn, resolveSecret } from '../adapters/secrets.ts'
import { FailureError } from '../contract/failure.ts'
import type { Settings, SystemSettings } from '../contract/settings.ts'

/** Passwords inside configured URLs, and tokens; a reference that cannot be resolved has no value to hide. */
export function knownSecrets({ systems }: Settings, dataDir: string): string[] {
  return systems.flatMap((system) =>
    references(system).flatMap((reference) => {
      const text = resolved(reference, dataDir)
      if (text === null) return []
      return text.includes('://') ? passwordsIn(text) : [text]
    }),
  )
}

function references(system: SystemSettings): string[] {
  const all =
    system.kind === 'recordings'
      ? [system.database, system.broker, system.results, system.api]
      : system.kind === 'crawl'
        ? [system.database, system.broker, system.results]
        : system.kind === 'qc'
          ? [system.url, system.token]
          : []
  return all.filter((one) => one !== undefined)
}

function resolved(reference: string, dataDir: string): string | null {
  try {
    return resolveSecret(reference, dataDir)
  } catch (error) {
    if (error instanceof FailureError) return null
    throw error
  }
}
