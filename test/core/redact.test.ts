// No secret that was put in comes out, wherever it stands; names of recordings go where asked, the same one everywhere.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packBundle, unpackBundle } from '../../electron/adapters/bundle-file.ts'
import { BUNDLE_VERSION, Bundle } from '../../electron/contract/bundle.ts'
import { redact } from '../../electron/core/redact.ts'
import { criticalFinding } from '../support/fake-api.ts'
import { recordedSystem } from '../support/recorded-past.ts'
import { known, NOW, runningJob, snapshot, system, unknown } from '../support/snapshot-builders.ts'

const open = { secrets: [] as string[], anonymous: false }

describe('patterns', () => {
  it.each([
    ['postgres://app:hunter2hunter@db:5432/calls', 'hunter2hunter'],
    ['redis://:p@ss/w:rd@redis:6379/0 does not answer', 'p@ss/w:rd'],
    ['https://ghp_abcdef0123@github.com/x', 'ghp_abcdef0123'],
    ['GET /api?access_token=abcdef123&x=1', 'abcdef123'],
    ['Authorization: Bearer eyJhbGciOi.J9', 'eyJhbGciOi'],
    ['POSTGRES_PASSWORD=hunter2hunter and more', 'hunter2hunter'],
    ['GROQ_API_KEY: "gsk_123456"', 'gsk_123456'],
  ])('%s', (text, secret) => {
    expect(JSON.stringify(redact({ text }, open))).not.toContain(secret)
  })

  it.each(['http://127.0.0.1:5432/api', 'One 63-minute recording holds the only worker.', 'retries: 3', '1069, flat'])(
    'leaves %s alone',
    (text) => {
      expect(redact({ text }, open)).toEqual({ text })
    },
  )

  it('hides values of .env that Unjam does not know, and keeps the limit that explains the incident', () => {
    const entry = { value: '1800', secret: false, meaning: 'Time limit', running: [{ service: 'w', value: '1800' }] }
    const other = { ...entry, meaning: null, value: 'xyzzy-42', running: [{ service: 'w', value: 'xyzzy-42' }] }
    const text = JSON.stringify(redact([entry, other], open))
    expect(text).toContain('1800')
    expect(text).not.toContain('xyzzy-42')
  })
})

function bundleWith(text: string): Bundle {
  const job = runningJob({ title: `call ${text}.m4a` })
  const finding = criticalFinding({
    headline: `It said ${text}.`,
    evidence: [{ label: text, value: `=${text}`, source: 'log', at: NOW }],
  })
  const systems = [
    system({ running: known([job]) }),
    system({ id: 'qc', counts: unknown(null, NOW, { on: `http://u:${text}@qc`, because: text }) }),
  ]
  return {
    ...{
      format: 'unjam-bundle',
      version: BUNDLE_VERSION,
      made: NOW,
      by: '0.1.0',
      anonymous: false,
      from: NOW,
      to: NOW,
    },
    snapshot: snapshot({ systems, findings: [finding] }),
    moments: [{ at: NOW, systems: [recordedSystem({ unread: [{ part: 'jobs', because: `(${text})` }] })] }],
    findings: [{ at: NOW, key: finding.key, change: 'appeared', finding, until: null, by: text }],
    receipts: [],
  }
}

describe('a bundle', () => {
  it('holds no secret that was put in, as it is, as JSON writes it or as a URL does; and is still a bundle', () => {
    const secret = fc
      .string({ minLength: 4, maxLength: 40, unit: 'grapheme' })
      .filter((one) => /[^\w\s•-]|\d/.test(one))
    fc.assert(
      fc.property(secret, fc.boolean(), (text, anonymous) => {
        // What stands in a bundle anyway hides nothing by being masked.
        fc.pre(!JSON.stringify(bundleWith('')).includes(JSON.stringify(text).slice(1, -1)))
        const safe = redact(bundleWith(text), { secrets: [text], anonymous })
        expect(allText(safe).some((one) => one.includes(text))).toBe(false)
        expect(() => Bundle.parse(safe)).not.toThrow()
      }),
      { numRuns: 300 },
    )
  })

  it('without names has no name of a recording and no path, and the same stand-in everywhere', () => {
    const bundle = bundleWith('x')
    const title = 'Call recording 5454_210513_095857.m4a'
    const job = runningJob({ title })
    bundle.snapshot.systems[0] = system({ running: known([job]) })
    bundle.findings[0]!.finding.headline =
      'Call recording 5454 holds C:\\Users\\ada\\calls\\secret talk.wav and /srv/calls/b.mp3.'
    bundle.moments[0]!.systems[0]!.running = [
      { id: 'e', title, audioMs: 1, elapsedMs: 1, heartbeatAgeMs: 1, audioDoneMs: null, percent: null },
    ]
    const safe = redact(bundle, { secrets: [], anonymous: true })
    const text = JSON.stringify(safe)
    for (const name of ['5454', 'ada', 'secret talk', 'b.mp3', '/srv']) expect(text).not.toContain(name)
    const running = safe.snapshot.systems[0]?.running
    expect(running?.status === 'known' && running.value[0]?.title).toBe('recording-1.m4a')
    expect(safe.moments[0]?.systems[0]?.running?.[0]?.title).toBe('recording-1.m4a')
    expect(safe.findings[0]?.finding.headline).toContain('recording-1 holds')
  })
})

describe('the file', () => {
  it('is read back as it was', () => {
    const bundle = bundleWith('x')
    expect(unpackBundle(packBundle(bundle), 'a.unjam')).toEqual(bundle)
  })

  it.each([
    ['nothing', Buffer.alloc(0), 'not a gzipped file'],
    ['a text', Buffer.from('hello'), 'not a gzipped file'],
    ['half of it', packBundle(bundleWith('x')).subarray(0, 200), 'not a gzipped file'],
    ['another version', packBundle({ ...bundleWith('x'), version: 2 as 1 }), 'a newer Unjam made it'],
    ['another thing', packBundle([] as unknown as Bundle), 'not a bundle'],
    ['a broken one', packBundle({ ...bundleWith('x'), moments: 1 as unknown as [] }), 'moments'],
  ])('%s is refused with a sentence', (_, bytes, because) => {
    expect(() => unpackBundle(bytes, 'a.unjam')).toThrow(because)
  })
})

function allText(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => [key, ...allText(one)])
}
