// Sample incidents: the runbooks' situations on made-up systems, and how such a system is told from a real one.
import * as z from 'zod'
import { SystemId } from './job.ts'

/** In the order of the runbooks. */
export const SampleName = z.enum(['stuck-at-1069', 'failed-tasks', 'queue-cleanup', 'stuck-runs', 'stuck-qc'])
export type SampleName = z.infer<typeof SampleName>

export const SampleIncident = z.object({
  name: SampleName,
  /** What an operator would say: “Nothing finishes, and nothing has failed”. */
  title: z.string(),
  /** What is made up, with its numbers. */
  summary: z.string(),
  /** What to try on it, as one sentence. */
  attempt: z.string(),
  runbook: z.number().int(),
  /** Ids of its systems while it runs; empty otherwise. */
  systems: z.array(SystemId),
  running: z.boolean(),
})
export type SampleIncident = z.infer<typeof SampleIncident>

export const SAMPLE_PREFIX = 'sample-'

/** The id alone tells: receipts, findings and addresses carry nothing else of a system. */
export function isSample(system: SystemId): boolean {
  return system.startsWith(SAMPLE_PREFIX)
}

export function sampleId(name: string): SystemId {
  return `${SAMPLE_PREFIX}${name}`
}
