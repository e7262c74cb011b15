// Where the server says what happened: the part of the host's log that it needs.

/** `where` names the link or procedure; `message` is one sentence; `details` go to the log only, never to a caller. */
export interface ServerLog {
  info(where: string, message: string, details?: unknown): void
  warn(where: string, message: string, details?: unknown): void
  error(where: string, message: string, details?: unknown): void
}
