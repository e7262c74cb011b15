// Property tests try the same cases in every run, so that what turns red is the change and not the day.
// UNJAM_TEST_SEED=$RANDOM (and UNJAM_TEST_RUNS, 100 unless told) explores other cases.
import { env } from 'node:process'
import fc from 'fast-check'

fc.configureGlobal({
  seed: Number(env.UNJAM_TEST_SEED ?? 20_260_101),
  numRuns: Number(env.UNJAM_TEST_RUNS ?? 100),
})
