// Sample incidents as a list of words: for tests of links and screens, where none is really staged.
import type { SampleIncident, SampleName } from '../../electron/contract/sample.ts'
import type { Samples } from '../../electron/core/api.ts'

const words: readonly [SampleName, string][] = [
  ['stuck-at-1069', 'Nothing finishes, and nothing has failed'],
  ['failed-tasks', 'Long recordings fail, and a retry fails again'],
  ['queue-cleanup', 'Jobs say “processing”, and nobody works on them'],
  ['stuck-runs', 'Crawl runs neither end nor begin'],
  ['stuck-qc', 'QC jobs stand still in “running”'],
]

export function fakeSamples(): Samples {
  let running: SampleName | null = null
  const told = ([name, title]: (typeof words)[number], runbook: number): SampleIncident => ({
    ...{ name, title, summary: 'Made-up numbers.', attempt: 'Try its first remedy.', runbook },
    ...{ systems: running === name ? [`sample-${name}`] : [], running: running === name },
  })
  const list = () => words.map(told)
  return {
    list,
    async start(name) {
      running = name
      const found = list().find((one) => one.name === name)
      if (found === undefined) throw new Error(`no sample is called ${name}`)
      return found
    },
    async stop() {
      running = null
      return list()
    },
  }
}
