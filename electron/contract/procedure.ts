// What every procedure has in common: the one typed error, and an input that says nothing.
import { oc } from '@orpc/contract'
import * as z from 'zod'
import { Failure } from './failure.ts'

/** Every procedure may answer with this one typed error; its data says what to do. */
const failed = { FAILED: { status: 422, message: 'Unjam could not do that', data: Failure } }
export const call = oc.errors(failed)
export const none = z.object({})
