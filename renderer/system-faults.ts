// What is wrong with a draft of a system, field by field, and how much of it can be tried all the same.
import { foldersIn } from './folder-text.ts'
import { type FieldName, formFields, type SystemDraft, timeLimitIn } from './system-form.ts'

/** By field, what is wrong with it; the contract's own rules, as sentences (contract/settings.ts). */
export function wrongIn(draft: SystemDraft, taken: readonly string[]): Partial<Record<FieldName, string>> {
  const wrong: Partial<Record<FieldName, string>> = {}
  for (const { name, title, needed, begins } of formFields[draft.kind]) {
    const text = draft.fields[name]
    const named = text.startsWith('env:') || text.startsWith('secret:')
    if (text === '') wrong[name] = needed ? `${title} is needed.` : ''
    else if (begins !== undefined && !named && !begins.some((one) => text.startsWith(one)))
      wrong[name] = `It begins with ${begins.join(' or ')}, or is env:NAME.`
  }
  if (foldersIn(draft.fields.folders) === null)
    wrong.folders = 'The folder inside the container = the folder here: /recordings = C:\\app\\recordings'
  if (timeLimitIn(draft.fields.timeLimit) === null) wrong.timeLimit = 'Seconds, or none.'
  const { id: name } = draft.fields
  if (name !== '' && !/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) wrong.id = 'Lower-case letters, digits and dashes.'
  else if (taken.includes(name)) wrong.id = 'Another system has this name.'
  return Object.fromEntries(Object.entries(wrong).filter(([, sentence]) => sentence !== ''))
}

/**
 * What can be tried of a draft now: an optional field that is wrong keeps no other part from being tried. A configured
 * system is tried under its own name, by which the core finds the password that the mask stands for.
 */
export function trialOf(
  draft: SystemDraft,
  wrong: ReturnType<typeof wrongIn>,
  edited: string | null,
): SystemDraft | null {
  const fields = { ...draft.fields, id: edited ?? (wrong.id === undefined ? draft.fields.id : 'draft') }
  for (const { name, needed } of formFields[draft.kind]) {
    if (name === 'id' || wrong[name] === undefined) continue
    if (needed) return null
    fields[name] = ''
  }
  return { ...draft, fields }
}

/** The first thing that keeps a draft from being saved, with the field it is about. */
export function firstWrong(draft: SystemDraft, wrong: ReturnType<typeof wrongIn>): string | null {
  const first = formFields[draft.kind].find(({ name }) => wrong[name] !== undefined)
  if (first === undefined) return null
  const sentence = wrong[first.name] ?? ''
  return sentence.startsWith(first.title) ? sentence : `${first.title}: ${sentence}`
}
