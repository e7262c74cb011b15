// Waiting in tests: for a condition, never for a time.

/**
 * How long a condition may take before a test gives it up. Nothing ever waits that long: it is the patience with a
 * machine that does ten other things, and the end of a test that hangs.
 */
export const PATIENCE_MS = 60_000

/** Polls until `ok`; fails with `what` when it does not come about. */
export async function until(what: string, ok: () => boolean | Promise<boolean>, withinMs = PATIENCE_MS): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await ok())) {
    if (performance.now() > end) throw new Error(`it did not happen within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
