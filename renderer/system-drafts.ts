// Systems being set up: what was typed outlives the screen until it is saved or left behind. Kept in memory only.
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { SystemDraft } from './system-form.ts'

/** By the system that is edited; a new one under `''`. */
export const systemDrafts: StoreApi<Readonly<Record<string, SystemDraft>>> = createStore<
  Readonly<Record<string, SystemDraft>>
>(() => ({}))

export function keepSystemDraft(id: string | null, draft: SystemDraft | null): void {
  const { [id ?? '']: _, ...others } = systemDrafts.getState()
  systemDrafts.setState(draft === null ? others : { ...others, [id ?? '']: draft }, true)
}
