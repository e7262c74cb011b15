// What every finding's words must be, whatever the rule: ui/README.md, "Words".
import { expect } from 'vitest'
import { Finding } from '../../electron/contract/finding.ts'

/** Fails the test when a finding is not shaped or worded as the house demands. */
export function holdToWording(finding: Finding): void {
  Finding.parse(finding)
  const sentences = finding.headline.split(/(?<=\.)\s+/)
  expect(sentences.length, finding.headline).toBeLessThanOrEqual(2)
  for (const sentence of sentences) {
    expect(sentence, finding.headline).toMatch(/\.$/)
    expect(sentence.split(/\s+/).length, sentence).toBeLessThanOrEqual(14)
  }
  const everything = JSON.stringify([finding.headline, finding.explanation, finding.notTheCause, finding.remedies])
  expect(everything).not.toMatch(/!|please|oops|NaN|undefined|Infinity|null min/i)
  expect(finding.evidence.length).toBeGreaterThan(0)
  for (const row of finding.evidence) {
    expect(row.value, row.label).not.toMatch(/NaN|undefined|Infinity/)
    expect(row.source).not.toBe('')
  }
}
