// The raw editor of a .env: CodeMirror, fetched only when it is opened.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import {
  Decoration,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { envTheme } from './env-theme.ts'

interface Props {
  readonly text: string
  readonly crlf: boolean
  readonly label: string
  readonly onChange: (text: string) => void
  readonly onSave: () => void
}

export default function EnvEditor({ text, crlf, label, onChange, onSave }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const latest = useRef({ onChange, onSave })
  latest.current = { onChange, onSave }
  const first = useRef(text)
  useEffect(() => {
    if (host.current === null) return
    // CodeMirror's style sheet is constructed, as the content policy wants it, only within a shadow root: in the page
    // itself it would insert a <style> element (style-mod 4.1, StyleSet).
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' })
    const view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          // A lone line feed in a CRLF file, or a return in a mixed one, stays in its line: nothing is rewritten.
          EditorState.lineSeparator.of(crlf ? '\r\n' : '\n'),
          ...editing({
            label,
            changed: (state) => latest.current.onChange(state.sliceDoc()),
            save: () => latest.current.onSave(),
          }),
        ],
      }),
    })
    view.focus()
    return () => view.destroy()
  }, [crlf, label])
  return <div ref={host} className="flex-1 min-h-[240px] border border-line-control rounded-2 overflow-hidden" />
}

interface Hooks {
  readonly label: string
  readonly changed: (state: EditorState) => void
  readonly save: () => void
}

const editing = ({ label, changed, save }: Hooks): Extension[] => [
  lineNumbers(),
  history(),
  highlightSpecialChars(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  search({ top: true }),
  EditorView.lineWrapping,
  EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
  EditorView.updateListener.of((update) => {
    if (update.docChanged) changed(update.state)
  }),
  marks,
  envTheme,
  keymap.of([
    {
      key: 'Mod-s',
      run: () => {
        save()
        return true
      },
    },
    ...searchKeymap,
    ...historyKeymap,
    ...defaultKeymap,
    {
      // Leaves the text, not the screen; the keys of the screen work again.
      key: 'Escape',
      run: (view) => {
        view.contentDOM.blur()
        return true
      },
    },
  ]),
]

const classes = ['env-comment', 'env-key', 'env-mask', 'env-variable'] as const
const decorator = new MatchDecorator({
  regexp: /(^\s*#.*)|(^\s*(?:export\s+)?[A-Za-z_]\w*(?==))|(•{3,})|(\$\{?\w+(?::?[-?+][^}]*)?\}?)/g,
  decoration: (match) =>
    Decoration.mark({ class: classes[match.slice(1).findIndex((one) => one !== undefined)] ?? '' }),
})
const marks = ViewPlugin.define(
  (view) => ({
    decorations: decorator.createDeco(view),
    update(update: ViewUpdate) {
      this.decorations = decorator.updateDeco(update, this.decorations)
    },
  }),
  { decorations: (plugin) => plugin.decorations },
)
