// Ctrl+K: one field for views, actions and jobs by name.
import { useDeferredValue, useState } from 'react'
import { type Found, findAll, matching, placesOf } from '../find.ts'
import { go } from '../route.ts'
import { useAnswer, useServices, useStore } from '../services.tsx'
import { Dialog } from './dialog.tsx'
import { Glyph } from './glyph.tsx'

export function FindDialog() {
  const { panel } = useServices()
  if (useStore(panel) !== 'find') return null
  return (
    <Dialog open onClose={() => panel.setState(null, true)} title="Find a job, run an action" place="top" bare>
      <Finder />
    </Dialog>
  )
}

function Finder() {
  const { panel, flow, live } = useServices()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const wanted = useDeferredValue(text.trim())
  const places = placesOf(live.getState())
  const systems = places.map(({ system }) => system)
  const answer = useAnswer(`${systems.join()} ${wanted}`, 'Search jobs', (client, signal) =>
    findAll(client, places, wanted, signal),
  )
  const found = matching(text.trim(), answer.value ?? [])
  const run = (one: Found | undefined) => {
    if (one === undefined || one.blocked !== null) return
    panel.setState(null, true)
    if (one.route !== null) go(one.route)
    if (one.panel !== null) panel.setState(one.panel, true)
    if (one.request !== null) void flow.open(one.request, one.title)
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Enter') run(found[at])
    else if (step !== undefined) setAt((n) => Math.max(0, Math.min(found.length - 1, n + step)))
    else return
    event.preventDefault()
  }
  return (
    <>
      <input
        role="combobox"
        aria-label="Find"
        aria-expanded="true"
        aria-controls="found"
        aria-activedescendant={found.length === 0 ? undefined : `found-${at}`}
        className="h-12 px-5 bg-transparent border-b border-line outline-none text-lead"
        placeholder="A view, an action, or part of a job’s name"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <div id="found" role="listbox" aria-label="Found" className="max-h-[52vh] overflow-y-auto p-2">
        {found.map((one, index) => (
          <div
            key={one.key}
            id={`found-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            aria-disabled={one.blocked !== null}
            className={`menu-item ${one.blocked === null ? '' : 'text-ink-3'}`}
            onPointerMove={() => setAt(index)}
            onClick={() => run(one)}
            onKeyDown={onKeyDown}
          >
            {one.state !== null && <Glyph name={one.state} />}
            <span className="clip">{one.title}</span>
            <span className="ml-auto pl-4 text-small text-ink-3 clip max-w-[60%]">{one.blocked ?? one.note}</span>
          </div>
        ))}
        {found.length === 0 && (
          <p className="px-3 py-4 text-ink-3">{answer.asking ? 'Searching' : 'Nothing has this name.'}</p>
        )}
      </div>
    </>
  )
}
