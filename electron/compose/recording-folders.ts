// Where a stack's recordings are on this machine: what the settings say, then what its worker's container has mounted.
import { type ComposeStack, composeStack } from '../adapters/docker/stack.ts'
import type { SystemSettings } from '../contract/settings.ts'
import type { SharedFolder } from '../contract/worker-protocol.ts'

/** Mounts change with a new container, not by the second. */
const GOOD_FOR_MS = 15_000
/** A job is shown without its player rather than late. */
const ASK_MS = 2000

export type RecordingFolders = () => Promise<readonly SharedFolder[]>

/** An engine that does not answer leaves what it said last. */
export function recordingFolders(
  named: readonly SharedFolder[] | undefined,
  stack: Pick<ComposeStack, 'folders'> | null,
): RecordingFolders {
  const own = named ?? []
  let last: readonly SharedFolder[] = []
  let asked: { answer: Promise<readonly SharedFolder[]>; at: number } | null = null

  function mounted({ folders }: Pick<ComposeStack, 'folders'>): Promise<readonly SharedFolder[]> {
    if (asked !== null && performance.now() - asked.at < GOOD_FOR_MS) return asked.answer
    const answer = folders(AbortSignal.timeout(ASK_MS)).then(
      (found) => (last = found),
      () => last,
    )
    asked = { answer, at: performance.now() }
    return answer
  }

  return async () => {
    const theirs = stack === null ? [] : await mounted(stack)
    return [...own, ...theirs.filter(({ inside }) => !own.some((one) => one.inside === inside))]
  }
}

/** Asked once, by a process that lives beside the core. */
export async function openRecordingFolders(
  { folders, stack: where, envFile }: Extract<SystemSettings, { kind: 'recordings' }>,
  dataDir: string,
): Promise<readonly SharedFolder[]> {
  if (where === undefined) return recordingFolders(folders, null)()
  const stack = composeStack({ ...where, envFile, dataDir, onProblem: () => undefined })
  try {
    return await recordingFolders(folders, stack)()
  } finally {
    await stack.close()
  }
}
