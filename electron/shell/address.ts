// Addresses inside the app that tray and toasts open: a finding, a job, the preview of an action.
import type { Remedy } from '../contract/finding.ts'

/** Everything after the origin; what reads it is the renderer's own router. */
export type Address = `#/${string}`

export function findingAddress(key: string): Address {
  return `#/findings/${encodeURIComponent(key)}`
}

export function jobAddress(system: string, id: string): Address {
  return `#/jobs/${encodeURIComponent(system)}/${encodeURIComponent(id)}`
}

/** Opening it does nothing but show what would be done. */
export function previewAddress(system: string, { action, label, ids, params }: Omit<Remedy, 'effect'>): Address {
  const said = new URLSearchParams([
    ['_label', label],
    ...(ids ?? []).map((id) => ['_id', id]),
    ...Object.entries(params),
  ])
  return `#/act/${encodeURIComponent(system)}/${encodeURIComponent(action)}?${said}`
}
