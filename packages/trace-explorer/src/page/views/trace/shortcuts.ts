/** The keys of this view and of its tree, each with its action, for the list that `?` opens. */
export const shortcuts = [
  { key: 'j  k', does: 'next and previous span' },
  { key: 'J  K', does: 'next and previous trace of the list' },
  { key: '↑ ↓', does: 'next and previous span, in the tree' },
  { key: '→ ←', does: 'open and fold; to the child and the parent' },
  { key: 'Space', does: 'fold or open' },
  { key: 'Enter', does: 'the selected span’s details' },
  { key: '/', does: 'search' },
  { key: 'n  N', does: 'next and previous match' },
  { key: 'e  E', does: 'the error that caused the others, then the others; and back' },
  { key: 'z', does: 'only the selected subtree, and back' },
  { key: '+  −  0', does: 'zoom the time line in at the selected span, out, all of it' },
  { key: 'c', does: 'critical path' },
  { key: 'l', does: 'the log lines of the trace' },
  { key: '?', does: 'these signs and keys' },
  { key: 'Esc', does: 'close, or undo the zoom' },
] as const;
