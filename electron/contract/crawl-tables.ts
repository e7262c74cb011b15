// Where crawl runs live: tables whose names need not be runbook 3's, and their own words for each state.
import * as z from 'zod'

const name = z.string().min(1).max(63)
const words = (...usual: string[]) => z.array(z.string()).min(1).default(usual)

/** Columns that are null, or that the table lacks, are simply not read; those of the runbook's queries are needed. */
export const CrawlTables = z.object({
  schema: name.default('public'),
  jobs: z
    .object({
      table: name.default('crawl_jobs'),
      columns: z
        .object({
          id: name.default('id'),
          sourceId: name.default('source_id'),
          status: name.default('status'),
          startedAt: name.default('started_at'),
          createdAt: name.default('created_at'),
          completedAt: name.default('completed_at'),
          error: name.default('error_message'),
          taskId: name.default('task_id'),
          isMultiSource: name.default('is_multi_source'),
          parent: name.nullable().default('parent_id'),
        })
        .prefault({}),
    })
    .prefault({}),
  /** One row for each source of a multi-source run: its children. */
  results: z
    .object({
      table: name.default('crawl_job_source_results'),
      columns: z
        .object({
          job: name.default('crawl_job_id'),
          status: name.default('status'),
          sourceId: name.nullable().default('source_id'),
          sourceName: name.nullable().default('source_name'),
        })
        .prefault({}),
    })
    .prefault({}),
  /** Where sources have their names; without it a run is called by its source's id. */
  sources: z
    .object({ table: name.default('sources'), id: name.default('id'), name: name.default('name') })
    .nullable()
    .prefault({}),
  /** In any case; the first is the one written. */
  words: z
    .object({
      queued: words('pending'),
      running: words('running'),
      done: words('completed'),
      failed: words('failed'),
      skipped: words('cancelled', 'canceled', 'skipped'),
    })
    .prefault({}),
  /** Time zone of timestamps without one. */
  timeZone: z.string().default('UTC'),
})
export type CrawlTables = z.output<typeof CrawlTables>
