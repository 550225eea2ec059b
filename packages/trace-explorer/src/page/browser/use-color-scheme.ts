import { useOutside } from './use-listener.ts';

export type Theme = 'system' | 'light' | 'dark';

const dark = matchMedia('(prefers-color-scheme: dark)');
const chosen = new EventTarget();
const YEAR_SECONDS = 31_536_000;

/** The theme that the person chose. The server wrote it into the document before it was painted. */
export function useTheme(): Theme {
  return useOutside(() => {
    const { theme } = document.documentElement.dataset;
    return theme === 'light' || theme === 'dark' ? theme : 'system';
  }, chosen);
}

/** Shows a theme, and keeps it in a cookie, so that the next page has it before it is painted. */
export function chooseTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
  document.cookie = `tandem-theme=${theme}; path=/; samesite=lax; max-age=${theme === 'system' ? 0 : YEAR_SECONDS}`;
  chosen.dispatchEvent(new Event('change'));
}

/** The colour scheme of the page: the chosen one, else the system's. The component renders again when it changes. */
export function useColorScheme(): 'light' | 'dark' {
  const theme = useTheme();
  const isDark = useOutside(() => dark.matches, dark);
  return theme === 'system' ? (isDark ? 'dark' : 'light') : theme;
}
