// How the raw editor looks: the app's own tokens, which reach into its shadow root because they are inherited.
import { EditorView } from '@codemirror/view'

export const envTheme = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--bg)', color: 'var(--ink)', font: 'var(--t-mono)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '8px 0' },
  '.cm-gutters': { backgroundColor: 'var(--bg-sunken)', color: 'var(--ink-3)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--bg-hover)' },
  '.cm-selectionMatch, .cm-searchMatch': { backgroundColor: 'var(--attention-tint)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--bg-selected)', outline: '1px solid var(--accent)' },
  '&.cm-focused ::selection, .cm-line::selection, .cm-line ::selection': { backgroundColor: 'var(--bg-selected)' },
  '.cm-specialChar': { color: 'var(--attention)' },
  '.env-comment': { color: 'var(--ink-3)' },
  '.env-key': { color: 'var(--ink)', fontWeight: '600' },
  '.env-mask': { color: 'var(--unknown)' },
  '.env-variable': { color: 'var(--accent)' },
  '.cm-panels': { backgroundColor: 'var(--bg-sunken)', color: 'var(--ink)', borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '6px 9px', font: 'var(--t-small)' },
  '.cm-textfield, .cm-button': {
    font: 'var(--t-small)',
    color: 'var(--ink)',
    background: 'var(--bg)',
    border: '1px solid var(--line-control)',
    borderRadius: 'var(--r1)',
  },
  '.cm-panel.cm-search [name=close]': { color: 'var(--ink-3)' },
})
