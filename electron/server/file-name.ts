// A name somebody else chose, made safe to be a file's name on this computer, and still what that person knows.

/** Bytes of UTF-8: below the 255 of every file system by a suffix, below the 260 of a whole Windows path by a folder. */
const MAX_BYTES = { windows: 180, other: 236 }
const MAX_EXTENSION = 16

// Separators, control characters, and the marks that make text run backwards; on Windows also what it forbids. Where a
// name with quotes is a file's name, it is the name of the recording too: the title of its job comes from here.
const FORBIDDEN = {
  windows: /[/\\<>:"|?*\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu,
  other: /[/\\\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu,
}
// Also with any extension ("nul.m4a"), also with superscript digits: learn.microsoft.com "Naming Files, Paths".
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

/** Never empty, never a path, never hidden, never too long; the extension is kept. */
export function safeFileName(name: string, platform: NodeJS.Platform = process.platform): string {
  const kind = platform === 'win32' ? 'windows' : 'other'
  const clean = tidy(name.toWellFormed().normalize('NFC').replace(FORBIDDEN[kind], '_'))
  if (clean === '') return 'recording'
  const extension = /\.[\p{L}\p{N}]+$/u.exec(clean)?.[0] ?? ''
  const kept = byteLength(extension) <= MAX_EXTENSION && extension !== clean ? extension : ''
  const stem = shorten(clean.slice(0, clean.length - kept.length), MAX_BYTES[kind] - byteLength(kept))
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
