// A URL whose user and password are percent-encoded, so that every parser reads them as they were meant.
import { userinfoOf } from './url-passwords.ts'

/** What to do about a URL that no parser takes; never shows it. */
export const ENCODE_PASSWORD = 'In a password, write / ? # @ % as %2F %3F %23 %40 %25.'

/** Only signs that would end the password early, and a stray %, are encoded; what is encoded already stays. */
export function encodeUserinfo(url: string): string {
  const info = userinfoOf(url)
  if (info === null) return url
  const { from, password, at } = info
  const user = url.slice(from, password === null ? at : password - 1)
  const secret = password === null ? '' : `:${encoded(url.slice(password, at))}`
  return url.slice(0, from) + encoded(user) + secret + url.slice(at)
}

function encoded(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/%(?![0-9a-f]{2})/gi, '%25')
    .replaceAll(/[\s/?#@[\]:\\^|"<>`{}]/g, encodeURIComponent)
}
