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

/** Longer ones are keys, whose end lines are recognised. */
const LONGEST_REST = 200

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
  return (text) => [
    ...longest.flatMap((form) => places(text, form)),
    ...places(text, MASK).flatMap((mask) => restsOf(text, mask, longest)),
  ]
}

function places(text: string, part: string): Span[] {
  const spans: Span[] = []
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length))
    spans.push({ from: at, to: at + part.length })
  return spans
}

/** What a pattern left of a secret beside its mask: it cannot know where a password ends that holds quotes or brackets. */
function restsOf(text: string, { from, to }: Span, forms: readonly string[]): Span[] {
  const spans: Span[] = []
  for (const form of forms.filter(({ length }) => length <= LONGEST_REST))
    for (let cut = 1; cut < form.length; cut++) {
      if (text.startsWith(form.slice(cut), to) && form.length - cut > 1)
        spans.push({ from: to, to: to + form.length - cut })
      if (cut > 1 && text.startsWith(form.slice(0, cut), from - cut)) spans.push({ from: from - cut, to: from })
    }
  return spans
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
