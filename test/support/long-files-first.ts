// The order of test files: the longest first, so that no worker is left alone with one of them at the end.
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** From the list that `npm test` prints; a file that is missing here only comes later. */
const longest = [
  'test/stack/compose.test.ts',
  'test/adapters/docker/set-env.test.ts',
  'test/adapters/docker/recreate.test.ts',
  'test/adapters/embedded-postgres.test.ts',
  'test/adapters/postgres-jobs.test.ts',
  'test/cli/commands.test.ts',
  'test/stack/take-over.test.ts',
  'test/compose/stack-maker.test.ts',
  'test/compose/samples.test.ts',
  'test/stack/app-limits.test.ts',
  'test/cli/demo.test.ts',
  'test/adapters/docker/recreate-crash.test.ts',
  'test/adapters/docker/stack.test.ts',
  'test/cli/findings.test.ts',
  'test/cli/runs.test.ts',
  'test/worker/interrupted.test.ts',
  'test/stack/clock-skew.test.ts',
  'test/cli/working.test.ts',
  'test/worker/run-worker.test.ts',
  'test/stack/app-work.test.ts',
]

export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'))
      return at < 0 ? longest.length : at
    }
    // Stable: what is not named keeps Vitest's own order, by the durations of its cache or the size of the file.
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}
