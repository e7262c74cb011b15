// Waiting in tests: for a condition, never for a time.

/** Polls until `ok`; fails with `what` when it does not come about. */
export async function until(what: string, ok: () => boolean | Promise<boolean>, withinMs = 5000): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await ok())) {
    if (performance.now() > end) throw new Error(`it did not happen within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
