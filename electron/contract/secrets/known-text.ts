// Secrets that are known, found literally in any text: as written, as a URL and as JSON write them.
import type { Span } from './mask.ts'
import { MASK } from './mask.ts'

/** A shorter one would blot out half of every line and hide nothing; it is masked in its key's place only. */
export const SHORTEST = 4
/** Passwords that everybody knows and that name hosts, users and services everywhere: masked in their key's place only. */
const COMMON = new Set(
  'admin administrator app changeme celery database default docker example guest host localhost local minio mysql none null password pass postgres postgresql public queue rabbitmq recordings redis root secret string test token true false user username worker'.split(
    ' ',
  ),
)

export type KnownSecrets = (text: string) => Span[]

/** Whether a secret is replaced wherever it appears. */
export function isFindable(secret: string): boolean {
  return secret.length >= SHORTEST && secret.trim() !== '' && secret !== MASK && !COMMON.has(secret.toLowerCase())
}

/** Finds each of the secrets; the longest wins where one holds another. */
export function findKnown(secrets: Iterable<string>): KnownSecrets {
  const forms = new Set<string>()
  for (const secret of secrets) if (isFindable(secret)) for (const form of formsOf(secret)) forms.add(form)
  if (forms.size === 0) return () => []
  const longest = [...forms].toSorted((a, b) => b.length - a.length)
  return (text) =>
    longest.flatMap((form) => {
      const spans: Span[] = []
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length))
        spans.push({ from: at, to: at + form.length })
      return spans
    })
}

/** As it stands, percent-encoded by either rule and case, form-encoded, and within JSON once and twice. */
function formsOf(secret: string): string[] {
  const whole = secret.toWellFormed()
  const encoded = encodeURIComponent(whole)
  const strict = encoded.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  const json = JSON.stringify(secret).slice(1, -1)
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= 8)
  return [
    secret,
    ...(lines.length > 1 ? lines : []),
    ...[encoded, strict, encodeURI(whole)].flatMap((form) => [
      form,
      form.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    ]),
    strict.replaceAll('%20', '+'),
    json,
    JSON.stringify(json).slice(1, -1),
  ].filter((form) => form.length >= SHORTEST)
}
