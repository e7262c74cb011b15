// A time of day by the wall clock of the core's machine.
import * as z from 'zod'

export const WallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time like 22:00')
