// What a process that is killed needs to know, as one JSON text.
import * as z from 'zod'
import { ActionRequest } from '../../electron/contract/action.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'

export const FaultRun = z.object({
  world: z.object({
    settings: SystemSettings,
    dataDir: z.string(),
  }),
  request: ActionRequest,
  fingerprint: z.string(),
  /** null: execute the request; else undo this receipt. */
  receipt: z.string().nullable(),
  point: z.number(),
})
export type FaultRun = z.infer<typeof FaultRun>
