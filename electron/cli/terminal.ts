// Where a command writes: its result on stdout, everything else on stderr; with --json stdout is one JSON document.
import type { Writable } from 'node:stream'

/** One command's way to speak. */
export interface Terminal {
  readonly json: boolean
  /** Whether stderr is watched by a person, so that a progress line may be redrawn. */
  readonly interactive: boolean
  /** The result: the document with --json, the text otherwise. Once a command. */
  result(document: unknown, text: () => string): void
  /** Raw text on stdout, for transcripts, SQL and help. */
  write(text: string): void
  /** A sentence on stderr. */
  say(sentence: string): void
  /** A line on stderr that replaces the one before it; on a file or pipe, only when it is `lasting`. */
  progress(line: string, lasting: boolean): void
}

export function openTerminal(json: boolean, stdout: Writable, stderr: Writable & { isTTY?: boolean }): Terminal {
  const interactive = stderr.isTTY === true
  let drawn = false
  const erase = () => {
    if (drawn) stderr.write('\r\u001b[2K')
    drawn = false
  }
  return {
    json,
    interactive,
    result(document, text) {
      erase()
      stdout.write(`${json ? JSON.stringify(document, null, 2) : text()}\n`)
    },
    write(text) {
      erase()
      stdout.write(text)
    },
    say(sentence) {
      erase()
      stderr.write(`${sentence}\n`)
    },
    progress(line, lasting) {
      erase()
      if (lasting) stderr.write(`${line}\n`)
      else if (interactive) {
        stderr.write(line)
        drawn = true
      }
    },
  }
}
