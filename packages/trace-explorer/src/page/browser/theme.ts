import { keepText, keptText } from './kept.ts';

/** The colours that a person chose; `system` follows the browser. */
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const darkQuery = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let theme: Theme = THEMES.find((each) => each === keptText('theme')) ?? 'system';

/** The theme of this browser. */
export function chosenTheme(): Theme {
  return theme;
}

/** Shows the page in a theme, and stores the theme in this browser. */
export function chooseTheme(chosen: Theme): void {
  theme = chosen;
  keepText('theme', chosen);
  applyTheme();
}

/** Sets the colours of the page. Call before anything is drawn. */
export function applyTheme(): void {
  document.documentElement.style.colorScheme = theme === 'system' ? '' : theme;
  for (const listener of listeners) listener();
}

/** The present colour scheme, light or dark. */
export function shownScheme(): 'light' | 'dark' {
  if (theme !== 'system') return theme;
  return darkQuery.matches ? 'dark' : 'light';
}

/** Calls the listener when the colours change. Returns the unsubscribe function. */
export function onSchemeChange(listener: () => void): () => void {
  listeners.add(listener);
  darkQuery.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    darkQuery.removeEventListener('change', listener);
  };
}
