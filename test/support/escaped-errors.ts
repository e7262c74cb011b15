// Errors that nobody caught while a test ran: what would end a process without a guard.

/** `stop` takes the watch away and returns their messages. Vitest fails the run for them as well. */
export function watchEscapes(): { stop(): string[] } {
  const seen: string[] = []
  const note = (error: unknown) => seen.push(error instanceof Error ? error.message : String(error))
  process.on('uncaughtExceptionMonitor', note)
  return {
    stop() {
      process.off('uncaughtExceptionMonitor', note)
      return seen
    },
  }
}

/** Resolves after everything that was queued has run: nextTicks, promises, one round of I/O. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}
