// How each part of a draft answered when it was tried: beside the field it is about.
import type { PartCheck } from '../../electron/contract/connecting.ts'
import { Glyph } from './glyph.tsx'
import type { GlyphName } from './glyph-shapes.tsx'

const glyphs: Readonly<Record<PartCheck['state'], GlyphName>> = {
  ok: 'done',
  limited: 'attention',
  failed: 'failed',
  absent: 'skipped',
}
const colours: Readonly<Record<PartCheck['state'], string>> = {
  ok: 'text-ink-2',
  limited: 'text-attention',
  failed: 'text-failed',
  absent: 'text-ink-3',
}
const words: Readonly<Record<PartCheck['state'], string>> = {
  ok: 'works',
  limited: 'works in part',
  failed: 'does not work',
  absent: 'not configured',
}

interface Props {
  readonly checks: readonly PartCheck[]
  /** They are about what was typed a moment ago; the answer for now is on its way. */
  readonly old: boolean
}

export function PartChecks({ checks, old }: Props) {
  return checks.map(({ part, state, sentence }) => (
    <p
      key={part}
      className={`flex gap-[7px] text-small leading-[18px] transition-opacity ${colours[state]} ${old ? 'opacity-55' : ''}`}
    >
      <span className="pt-[2px]">
        <Glyph name={glyphs[state]} size={13} label={words[state]} />
      </span>
      <span className="min-w-0 [overflow-wrap:anywhere]">{sentence}</span>
    </p>
  ))
}
