// A log line cut into parts: the words that runbook 0 looks for, and what is being searched.
export interface Mark {
  readonly text: string
  readonly kind: 'plain' | 'bad' | 'warn' | 'found'
}

/** Runbook 0: “No ERROR/FAIL/Exception”. Also within words: `TimeLimitExceeded` is none, `WorkerLostError` is. */
const words =
  /\b[\w.]*(?:Exception|Error)\b|\bERROR\b|\bFAIL(?:ED|URE|S)?\b|\bTraceback\b|\bCRITICAL\b|\bWARN(?:ING)?\b/g

export function cutLine(text: string, search: string): Mark[] {
  const marks: Mark[] = []
  let from = 0
  for (const match of text.matchAll(words)) {
    if (match.index > from) marks.push({ text: text.slice(from, match.index), kind: 'plain' })
    marks.push({ text: match[0], kind: match[0].startsWith('WARN') ? 'warn' : 'bad' })
    from = match.index + match[0].length
  }
  if (from < text.length) marks.push({ text: text.slice(from), kind: 'plain' })
  return search.trim() === '' ? marks : marks.flatMap((mark) => cutFound(mark, search.trim().toLowerCase()))
}

function cutFound(mark: Mark, wanted: string): Mark[] {
  const lower = mark.text.toLowerCase()
  // Lower-casing may change the length of exotic letters: then marks would sit wrongly, so none are set.
  if (lower.length !== mark.text.length) return [mark]
  const parts: Mark[] = []
  let from = 0
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    if (at > from) parts.push({ text: mark.text.slice(from, at), kind: mark.kind })
    parts.push({ text: mark.text.slice(at, at + wanted.length), kind: 'found' })
    from = at + wanted.length
  }
  if (from < mark.text.length) parts.push({ text: mark.text.slice(from), kind: mark.kind })
  return parts
}
