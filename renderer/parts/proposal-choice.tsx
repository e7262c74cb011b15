// Tables that look like what is wanted, each with the reasons for its guesses; the person chooses one.
import type { MappingProposal } from '../../electron/contract/connecting.ts'
import { proposalText } from '../table-mapping.ts'
import { Glyph } from './glyph.tsx'

type Proposal = Pick<MappingProposal, 'rows' | 'fit' | 'reasons'>

interface Props<P extends Proposal> {
  readonly legend: string
  readonly proposals: readonly P[]
  readonly chosen: P | undefined
  readonly named: (proposal: P) => string
  readonly onChoose: (proposal: P) => void
}

export function ProposalChoice<P extends Proposal>({ legend, proposals, chosen, named, onChoose }: Props<P>) {
  return (
    <fieldset className="py-2">
      <legend className="sr-only">{legend}</legend>
      {proposals.map((proposal) => (
        <label key={named(proposal)} className="flex gap-[9px] py-[5px]">
          <input
            type="radio"
            name="table"
            className="mt-1 accent-(--accent)"
            checked={proposal === chosen}
            onChange={() => onChoose(proposal)}
          />
          <span className="min-w-0">
            <b>{proposalText(named(proposal), proposal)}</b>
            <span className="block text-small text-ink-2">{proposal.reasons.join(' · ')}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

export function UnclaimedWords({ words }: { words: readonly string[] }) {
  if (words.length === 0) return null
  return (
    <p className="flex gap-[7px] py-1 text-small text-attention">
      <Glyph name="attention" size={13} />
      {`No state has the word ${words.map((word) => `“${word}”`).join(', ')}: jobs with it are not shown until one has.`}
    </p>
  )
}
