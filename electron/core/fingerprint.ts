// What ties an execute to its preview: action, system, parameters and each frozen item.
import type { ActionRequest } from '../contract/action.ts'
import type { Frozen } from './actions/action.ts'

/** The order of items does not matter. */
export function fingerprintOf(request: ActionRequest, plan: Frozen, hash: (text: string) => string): string {
  const params = Object.entries(request.params).sort(([a], [b]) => (a < b ? -1 : 1))
  const head = [request.action, request.system, params]
  const items = plan.items.map((item) => JSON.stringify([item.id, item.fingerprint])).sort()
  return plan.mayShrink === true
    ? JSON.stringify([hash(JSON.stringify(head)), ...items.map(hash)])
    : hash(JSON.stringify([...head, items]))
}

/** Whether the set now is the one that was previewed, or, where it may shrink, a part of it. */
export function stillMeans(previewed: string, now: string, plan: Frozen): boolean {
  if (previewed === now || plan.mayShrink !== true) return previewed === now
  const [before, after] = [partsOf(previewed), partsOf(now)]
  return before[0] === after[0] && after.every((part) => before.includes(part))
}

/** A fingerprint is handed in from outside: what is not one has no parts. */
function partsOf(fingerprint: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(fingerprint)
    return Array.isArray(parts) ? parts : []
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}
