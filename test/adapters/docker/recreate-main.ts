// A process that recreates the worker of a project, for tests that kill it: ENGINE PROJECT DATA LIMIT.
import { composeStack } from '../../../electron/adapters/docker/stack.ts'

const [docker, project, dataDir, limit] = process.argv.slice(2)
if (docker === undefined || project === undefined || dataDir === undefined || limit === undefined)
  throw new Error('recreate-main ENGINE PROJECT DATA LIMIT')
const stack = composeStack({
  project,
  docker,
  dataDir,
  settleMs: 300,
  onProblem: (sentence) => console.error(sentence),
})
const recreated = await stack.recreate(['worker'], { TASK_TIMEOUT_SECONDS: limit }, AbortSignal.timeout(60_000))
console.log(JSON.stringify(recreated))
await stack.close()
