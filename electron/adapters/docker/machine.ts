// What the engine says of the machine it runs on: its product and memory.
import * as z from 'zod'
import type { StackInfo } from '../../contract/service.ts'
import type { Engine } from './engine.ts'

const Info = z.object({
  OperatingSystem: z.string().nullish().catch(null),
  MemTotal: z.number().positive().nullish().catch(null),
})

/** A proxy before the engine may refuse /info; everything else about the stack can be read all the same. */
export async function readMachine(
  engine: Engine,
  signal: AbortSignal,
): Promise<Pick<StackInfo['engine'], 'product' | 'memoryBytes'>> {
  const answer = await engine
    .ask({ tried: 'Ask the engine about its machine', signal }, (docker) => docker.info())
    .catch(() => null)
  const { data } = Info.safeParse(answer)
  return { product: data?.OperatingSystem ?? null, memoryBytes: data?.MemTotal ?? null }
}
