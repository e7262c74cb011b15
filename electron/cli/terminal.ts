// Where a command writes: its result on stdout, everything else on stderr; with --json stdout is one JSON document.
import type { Writable } from 'node:stream'
import { visibleJson, visibleText } from '../contract/visible-text.ts'

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

type Output = Writable & { isTTY?: boolean }

/** Whatever a title, an error or a log line contains: a terminal gets no character that steers it or cannot be seen. */
export function openTerminal(json: boolean, stdout: Output, stderr: Output): Terminal {
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
      stdout.write(`${json ? visibleJson(JSON.stringify(document, null, 2)) : visibleText(text())}\n`)
    },
    write(text) {
      erase()
      // A file or a pipe gets every byte.
      stdout.write(stdout.isTTY === true ? visibleText(text) : text)
    },
    say(sentence) {
      erase()
      stderr.write(`${visibleText(sentence)}\n`)
    },
    progress(line, lasting) {
      erase()
      if (lasting) stderr.write(`${visibleText(line)}\n`)
      else if (interactive) {
        stderr.write(visibleText(line))
        drawn = true
      }
    },
  }
}
