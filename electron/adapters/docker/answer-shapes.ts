// What the engine's answers must have for the rest of the adapter to read them; everything else in them is optional.
import * as z from 'zod'

const Labels = z.record(z.string(), z.string()).nullish()

const Listed = z.array(z.looseObject({ Id: z.string().min(1), Labels }))

const Inspected = z.looseObject({
  Id: z.string().min(1),
  Name: z.string(),
  Created: z.string(),
  RestartCount: z.number().optional(),
  Platform: z.string().optional(),
  State: z.looseObject({
    Status: z.string(),
    Running: z.boolean().optional(),
    ExitCode: z.number().optional(),
    OOMKilled: z.boolean().optional(),
    StartedAt: z.string().optional(),
    FinishedAt: z.string().optional(),
    Health: z
      .looseObject({
        Status: z.string().optional(),
        Log: z.array(z.looseObject({ Output: z.string().optional() })).nullish(),
      })
      .nullish(),
  }),
  Config: z.looseObject({
    Image: z.string(),
    Labels,
    Env: z.array(z.string()).nullish(),
    Tty: z.boolean().optional(),
  }),
  HostConfig: z.looseObject({ Memory: z.number().optional() }),
  NetworkSettings: z.looseObject({
    Ports: z
      .record(z.string(), z.array(z.looseObject({ HostIp: z.string(), HostPort: z.string() })).nullable())
      .nullish(),
  }),
  Mounts: z.array(z.looseObject({})).nullish(),
})

const Stats = z.looseObject({
  read: z.string(),
  cpu_stats: z.looseObject({ cpu_usage: z.looseObject({ total_usage: z.number().optional() }).optional() }).optional(),
  memory_stats: z
    .looseObject({ usage: z.number().optional(), stats: z.record(z.string(), z.unknown()).nullish() })
    .optional(),
})

/** An answer of another shape than the API describes: it does not come from an engine. */
export class AnswerFault extends Error {}

export const checkListed = checker(Listed, 'list of containers')
export const checkInspected = checker(Inspected, 'description of a container')
export const checkStats = checker(Stats, 'statistics')

/** Returns the answer itself, unchanged: dockerode's types describe more of it than is checked. */
function checker(shape: z.ZodType, what: string): <T>(answer: T) => T {
  return (answer) => {
    const { error } = shape.safeParse(answer)
    if (error === undefined) return answer
    const [issue] = error.issues
    const at = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.').slice(0, 60)})`
    throw new AnswerFault(`it sent no ${what}${at}`)
  }
}
