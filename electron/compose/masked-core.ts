// The core's answers about changes with every text masked: previews and receipts quote rows, commands and other programs.
import type { Core } from '../core/api.ts'
import type { SecretsMet } from './known-secrets.ts'
import { maskFields } from './masked-system.ts'

/** Ids, fingerprints and numbers pass as they are. */
const WORDS = [
  ...['title', 'summary', 'know', 'notTouched', 'command', 'undo', 'confirm', 'note', 'cells', 'text', 'because'],
  ...['sentence', 'headline'],
]

export function maskedCore(core: Core, met: SecretsMet): Core {
  const shown = <Answer>(answer: Answer): Answer => maskFields(answer, WORDS, met.known()) as Answer
  return {
    ...core,
    preview: async (request, signal) => shown(await core.preview(request, signal)),
    execute: async (request, fingerprint, caller) => shown(await core.execute(request, fingerprint, caller)),
    undo: async (id, caller) => shown(await core.undo(id, caller)),
    receipts: (limit, before) => shown(core.receipts(limit, before)),
  }
}
