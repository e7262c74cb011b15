// Compose projects that run on this computer, each ready to be watched, or with what is missing for it.
import type { Discovery } from '../../electron/contract/connecting.ts'
import { failureText } from '../format.ts'
import { go } from '../route.ts'
import { useAnswer } from '../services.tsx'
import { keepSystemDraft } from '../system-drafts.ts'
import { draftOf } from '../system-form.ts'
import { Button } from './button.tsx'
import { Glyph } from './glyph.tsx'
import { FailureNote, Section } from './section.tsx'

export function FoundStacks() {
  const answer = useAnswer('discover', 'Look for compose projects', (client, signal) =>
    client.systems.discover({}, { signal }),
  )
  const again = (
    <Button small busy={answer.asking} onPress={answer.again}>
      Look again
    </Button>
  )
  return (
    <Section title="Found here" note="compose projects on this computer’s Docker" end={again} className="mt-6">
      {answer.failure !== null && <FailureNote text={failureText(answer.failure)} />}
      {answer.value === null && answer.failure === null && <p className="py-3 text-ink-3">Asking Docker.</p>}
      {answer.value?.length === 0 && <p className="py-3 text-ink-3">No compose project runs here.</p>}
      <ul>
        {answer.value?.map((found) => (
          <Found key={found.project} found={found} />
        ))}
      </ul>
    </Section>
  )
}

function Found({ found: { project, sentence, proposal, missing } }: { found: Discovery }) {
  const begin = () => {
    const draft = proposal === null ? null : draftOf(proposal)
    if (draft === null) return
    keepSystemDraft(null, draft)
    go({ view: 'system', id: null })
  }
  return (
    <li className="flex items-center gap-4 min-h-[44px] py-[6px] border-b border-line">
      <span className="min-w-0">
        <b>{project}</b> <span className="text-ink-2">{sentence}</span>
        {missing.map((text) => (
          <span key={text} className="flex gap-[6px] text-small text-ink-3">
            <Glyph name="info" size={13} />
            {text}
          </span>
        ))}
      </span>
      {proposal !== null && (
        <span className="ml-auto flex-none">
          <Button small label={`Watch ${project}`} onPress={begin}>
            Watch it…
          </Button>
        </span>
      )}
    </li>
  )
}
