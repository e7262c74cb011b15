// The worker process with a test's short intervals; killed for real by the tests.
import { runStdio } from '../../worker/run-stdio.ts'
import { quick } from './hired.ts'

const code = await runStdio({ timing: quick })
process.stdout.write('', () => process.exit(code))
