// Crawl runs that have not ended, as a tree: parents with their children, and where the task of each is.
import * as z from 'zod'
import { Job, JobState, SystemId } from './job.ts'

/** Where its task is: `nowhere` is said only when every worker and queue was asked; `taken`, by a worker that is gone. */
export const RunPlace = z.object({
  at: z.enum(['active', 'reserved', 'scheduled', 'queue', 'taken', 'nowhere', 'unknown']),
  /** The worker's or the queue's name; of `unknown`, why. */
  by: z.string().nullable(),
})
export type RunPlace = z.infer<typeof RunPlace>

/** A part of a multi-source run: a row of its own, in its own word. */
export const RunChild = z.object({
  title: z.string(),
  /** null: the mapping does not know the word. */
  state: JobState.nullable(),
  word: z.string(),
})
export type RunChild = z.infer<typeof RunChild>

export const RunNode = z.object({
  run: Job,
  place: RunPlace,
  children: z.array(RunChild),
  /** Runs that name this one as their parent. */
  runs: z.array(z.object({ run: Job, place: RunPlace })),
})
export type RunNode = z.infer<typeof RunNode>

export const RunTreeQuery = z.object({ system: SystemId })
export const RunTree = z.object({
  nodes: z.array(RunNode),
  /** There are more than are shown. */
  more: z.boolean(),
})
export type RunTree = z.infer<typeof RunTree>
