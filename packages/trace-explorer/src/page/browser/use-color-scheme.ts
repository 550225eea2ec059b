import { useLayoutEffect, useState } from 'preact/hooks';
import { onSchemeChange, shownScheme } from './theme.ts';

/** The colour scheme of the page, light or dark. A canvas must be drawn again when it changes. */
export function useColorScheme(): 'light' | 'dark' {
  const [scheme, setScheme] = useState(shownScheme);
  useLayoutEffect(() => onSchemeChange(() => setScheme(shownScheme())), []);
  return scheme;
}
