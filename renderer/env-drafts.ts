// Edits of a .env that have not been saved: they outlive the screen, so that a look elsewhere costs nothing.
import { createStore, type StoreApi } from 'zustand/vanilla'

export interface EnvDraft {
  readonly text: string
  /** Of the file that was edited; a save on top of another one is refused. */
  readonly hash: string
}

/** By system. Never written to disk: what was typed may be a secret. */
export const envDrafts: StoreApi<Readonly<Record<string, EnvDraft>>> = createStore<Readonly<Record<string, EnvDraft>>>(
  () => ({}),
)

/** null, or the text of the file itself: nothing is left to save. */
export function keepDraft(system: string, draft: EnvDraft | null): void {
  const { [system]: _, ...others } = envDrafts.getState()
  envDrafts.setState(draft === null ? others : { ...others, [system]: draft }, true)
}
