// Everything Unjam needs, and whether it is there.
import type { Check } from '../../electron/contract/host.ts'
import { failureText } from '../format.ts'
import { useAnswer } from '../services.tsx'
import { Glyph } from './glyph.tsx'
import type { GlyphName } from './glyph-shapes.tsx'
import { FailureNote, Section } from './section.tsx'

const glyphs: Readonly<Record<Check['state'], { name: GlyphName; label: string }>> = {
  ok: { name: 'ok', label: 'There' },
  missing: { name: 'attention', label: 'Missing' },
  later: { name: 'queued', label: 'Later' },
}

export function CheckList() {
  const answer = useAnswer('doctor', 'Check what is there', (client, signal) => client.host.doctor({}, { signal }))
  return (
    <Section
      title="What Unjam needs"
      end={
        <button type="button" className="text-accent hover:underline" onClick={answer.again}>
          {answer.asking ? 'Checking' : 'Check again'}
        </button>
      }
    >
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} again={answer.again} />}
      <ul aria-label="Checks">
        {answer.value?.map((check) => (
          <li
            key={check.id}
            className="grid grid-cols-[14px_104px_minmax(0,1fr)] gap-x-[9px] py-2 border-b border-line"
          >
            <span className="mt-[3px]">
              <Glyph {...glyphs[check.state]} />
            </span>
            <span className="font-semibold">{check.title}</span>
            <span className="text-ink-2 [overflow-wrap:anywhere]">{check.sentence}</span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
