// The recording itself is at fault: its message is the sentence an operator reads, and no retry will help.

/** Thrown for a recording that cannot be transcribed however often it is tried; the message names the file and what to do. */
export class BadInput extends Error {
  override readonly name = 'BadInput'
}
