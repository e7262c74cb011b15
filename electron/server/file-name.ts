// A name somebody else chose, made safe to be a file's name on Windows, macOS and Linux, and still readable.

/** Bytes of UTF-8; leaves room below the 255 of every file system for a number or suffix. */
const MAX_BYTES = 180
const MAX_EXTENSION = 16

// Separators, what Windows forbids, control characters, and the marks that make text run backwards.
const FORBIDDEN = /[/\\<>:"|?*\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu
// Also with any extension ("nul.m4a"), also with superscript digits: learn.microsoft.com "Naming Files, Paths".
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

/** Never empty, never a path, never hidden, at most 180 bytes; the extension is kept. */
export function safeFileName(name: string): string {
  const clean = tidy(name.toWellFormed().normalize('NFC').replace(FORBIDDEN, '_'))
  if (clean === '') return 'recording'
  const extension = /\.[\p{L}\p{N}]+$/u.exec(clean)?.[0] ?? ''
  const kept = byteLength(extension) <= MAX_EXTENSION && extension !== clean ? extension : ''
  const stem = shorten(clean.slice(0, clean.length - kept.length), MAX_BYTES - byteLength(kept))
  const whole = `${tidy(stem)}${kept}`
  return RESERVED.test(whole) ? `_${whole}` : whole
}

/** Windows drops dots and spaces at the end; a dot at the start hides the file elsewhere. */
function tidy(text: string): string {
  return text.replace(/^[.\s]+|[.\s]+$/gu, '')
}

function shorten(text: string, bytes: number): string {
  if (byteLength(text) <= bytes) return text
  let kept = ''
  let length = 0
  // By grapheme: half of an accented letter or emoji is no longer readable.
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    length += byteLength(segment)
    if (length > bytes) break
    kept += segment
  }
  return kept
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
