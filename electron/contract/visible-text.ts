// Foreign text made safe to show: characters that steer a terminal, reorder text or cannot be seen are spelled out.

/**
 * Control characters, line and paragraph separators, lone surrogates, and everything that Unicode says to draw as
 * nothing: bidi controls, zero-width characters, tags, fillers (UAX #9, UAX #44 Default_Ignorable_Code_Point).
 * Names with them look like others, and an ESC in a title redraws the operator's terminal.
 */
const HIDDEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu

/** Scripts that are written with joiners inside a word: Persian plurals, Indic conjuncts. */
const JOINED =
  '[\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gujarati}' +
  '\\p{Script=Gurmukhi}\\p{Script=Kannada}\\p{Script=Malayalam}\\p{Script=Oriya}\\p{Script=Sinhala}\\p{Script=Tamil}' +
  '\\p{Script=Telugu}\\p{Script=Khmer}\\p{Script=Tibetan}]'

/** What is hidden and belongs there: joiners in a word, emoji sequences, a variation of the character before it. */
const IN_PLACE = new RegExp(
  [
    `(?<=${JOINED})[\\u200C\\u200D](?=${JOINED})`,
    '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}]\\uFE0F?)\\u200D(?=\\p{Extended_Pictographic})',
    '(?<=[\\p{L}\\p{N}\\p{P}\\p{S}])[\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}\\u180B-\\u180D\\u180F]',
    // Flags of regions: a black flag, tags, the end of tags.
    '(?<=\\u{1F3F4}[\\u{E0030}-\\u{E007A}]{0,7})[\\u{E0030}-\\u{E007A}\\u{E007F}]',
  ].join('|'),
  'uy',
)

/**
 * The text with what cannot be seen spelled out: ␛ for ESC, \u202e for a bidi override. Line feeds and tabs stay, for
 * logs and errors of several lines. Text of any language, and emoji, stay as they are. Applying it again changes nothing.
 */
export function visibleText(text: string): string {
  return spelled(text.replaceAll('\r\n', '\n'), (char) => char === '\n' || char === '\t')
}

/** The same for a title or a name: line feeds and tabs are spelled out too. */
export function visibleLine(text: string): string {
  return spelled(text, () => false)
}

/** The same document with those characters as escapes: nothing raw reaches a terminal, and a parser reads the same. */
export function visibleJson(json: string): string {
  return replaced(json, (char) => (char === '\n' ? char : units(char)))
}

function spelled(text: string, stays: (char: string) => boolean): string {
  return replaced(text, (char) => (stays(char) ? char : shown(char)))
}

function replaced(text: string, replace: (char: string) => string): string {
  return text.replace(HIDDEN, (char, at: number) => {
    IN_PLACE.lastIndex = at
    return IN_PLACE.test(text) ? char : replace(char)
  })
}

/** Unicode has pictures of C0 and DEL (U+2400); the rest is written as its code. */
function shown(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  return code === 0x7f ? '\u2421' : code > 0xffff ? `\\u{${code.toString(16)}}` : units(char)
}

function units(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
