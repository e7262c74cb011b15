// Secrets that are recognised by what stands around them, as a table: headers, tokens, private keys, parameters, webhooks.
import { isSecretField } from './key-names.ts'
import type { Span } from './mask.ts'
import { TOKEN_PREFIXES } from './random-value.ts'

interface Shape {
  readonly pattern: RegExp
  /** Which group is the secret. */
  readonly group: number
  /** Whether the shape can occur at all: cheaper than the pattern. */
  readonly needs: readonly string[]
  readonly holds?: (match: RegExpExecArray) => boolean
}

const SHAPES: readonly Shape[] = [
  {
    // A key without its end line is cut off, and still a key.
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]{0,20000}?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[\s\S]{0,20000})/dg,
    group: 0,
    needs: ['PRIVATE KEY'],
  },
  {
    pattern:
      /\b(?:proxy-)?authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:(?:bearer|basic|token|digest|apikey)\s{1,3})?([^\s"',;]{3,2000})/dgi,
    group: 1,
    needs: ['uthorization', 'UTHORIZATION'],
  },
  {
    pattern: /\b(?:bearer|basic|token)\s{1,3}([\w.~+/=-]{6,2000})/dgi,
    group: 1,
    needs: ['earer', 'EARER', 'asic', 'ASIC', 'oken', 'OKEN'],
    // "Basic authentication" and "token expired" are prose.
    holds: ([, value = '']) =>
      /[\d=]/.test(value) || /^[a-z]+[.-]\S/i.test(value) || /[a-z][A-Z][a-z]?[A-Z]/.test(value),
  },
  {
    pattern: new RegExp(`(?<![\\w-])(?:${TOKEN_PREFIXES.join('|')})`, 'dg'),
    group: 0,
    needs: ['gh', 'gl', 'x', 'A', 'sk', 'k_', '_', 'ya', 'pypi', 'SG', 'hvs', 'eyJ'],
  },
  {
    // ?password=… &sig=…: parameters of a URL, also where it is cut off.
    pattern: /[?&]([\w.-]{1,60})=([^\s"'&<>]{1,2000})/dg,
    group: 2,
    needs: ['='],
    holds: ([, name = '', value = '']) =>
      /^(key|sig|signature|auth|code_verifier|x-amz-signature|x-amz-credential)$/i.test(name) ||
      isSecretField(name, value),
  },
  {
    pattern:
      /(?:hooks\.slack\.com\/(?:services|workflows|triggers)|discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks|[\w.-]{1,60}\.webhook\.office\.com|outlook\.office(?:365)?\.com\/webhook|hooks\.zapier\.com\/hooks|api\.telegram\.org\/bot|maker\.ifttt\.com\/trigger|hc-ping\.com|[\w.-]{1,60}\.logic\.azure\.com\/workflows|open\.(?:feishu|larksuite)\.\w{2,3}\/open-apis\/bot\/v2\/hook)[/:]?([^\s"'<>]{4,500})/dgi,
    group: 1,
    needs: ['.com', '.cn', '.org'],
  },
  {
    pattern: /jdbc:oracle:\w{1,10}:[^\s/"'@]{1,100}\/([^\s"'@]{1,200})(?=@)/dgi,
    group: 1,
    needs: ['jdbc:oracle'],
  },
  {
    pattern:
      /(?:--(?:password|passwd|pass|token|requirepass|masterauth|api-key|secret)[ =]|\b(?:requirepass|masterauth)\s{1,3})["']?([^\s"']{3,500})/dgi,
    group: 1,
    needs: ['--', 'equirepass', 'asterauth'],
  },
  {
    pattern: /\b(?:PASSWORD|IDENTIFIED BY)\s{1,3}'((?:[^'\n]|''){1,500})'/dg,
    group: 1,
    needs: ['PASSWORD', 'IDENTIFIED'],
  },
]

/** Everything in a text that the table recognises. */
export function shapeSpans(text: string): Span[] {
  const spans: Span[] = []
  for (const { pattern, group, needs, holds } of SHAPES) {
    if (!needs.some((part) => text.includes(part))) continue
    for (const match of text.matchAll(pattern)) {
      const [from, to] = match.indices?.[group] ?? [0, 0]
      if (holds === undefined || holds(match)) spans.push({ from, to })
    }
  }
  return spans
}
