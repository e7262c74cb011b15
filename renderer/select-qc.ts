// What a QC service says of itself beside its jobs: the health of what it leans on.
import type { Dependency } from '../electron/contract/snapshot.ts'
import type { LiveState } from './live.ts'
import { coreNow, type Level, type Shown, shown, systemOf } from './select.ts'

export interface DependencyLine {
  readonly name: string
  readonly level: Level
  /** “ok”, “not ok: Token expired”. */
  readonly text: string
}

export interface QcModel {
  readonly dependencies: Shown<readonly DependencyLine[]>
  /** Changes when what can be ordered may have changed. */
  readonly revision: string
}

const words: Readonly<Record<Dependency['state'], { word: string; level: Level }>> = {
  ok: { word: 'ok', level: 'clear' },
  degraded: { word: 'degraded', level: 'warning' },
  down: { word: 'not ok', level: 'critical' },
  unknown: { word: 'unknown', level: 'unknown' },
}

/** null where the system is no QC service. */
export function selectQc(state: LiveState, nowMs: number, id: string): QcModel | null {
  const reading = systemOf(state.snapshot, id)?.dependencies ?? null
  if (reading === null) return null
  const { value, lost } = shown(reading, coreNow(state, nowMs))
  return {
    dependencies: { value: value?.map(line) ?? null, lost },
    revision: JSON.stringify(value?.map(({ name, state }) => [name, state])),
  }
}

function line({ name, state, detail }: Dependency): DependencyLine {
  const { word, level } = words[state]
  return { name, level, text: detail === null ? word : `${word}: ${detail}` }
}
