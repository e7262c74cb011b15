// A Vitest reporter: seconds of each test file with its hooks, which the JSON report leaves out, for `npm test` to print.
import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

export default class FileTimes implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.UNJAM_TEST_TIMES
    if (file === undefined) return
    const seconds = (one: TestModule) => {
      const { collectDuration, setupDuration, duration } = one.diagnostic()
      return (collectDuration + setupDuration + duration) / 1000
    }
    writeFileSync(file, JSON.stringify(modules.map((one) => ({ file: one.moduleId, seconds: seconds(one) }))))
  }
}
