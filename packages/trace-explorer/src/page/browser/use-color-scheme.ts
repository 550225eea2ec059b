import { useLayoutEffect, useState } from 'preact/hooks';

const dark = matchMedia('(prefers-color-scheme: dark)');
const shownScheme = () => (dark.matches ? 'dark' : 'light');

/** The system's colour scheme. The component renders again when it changes. */
export function useColorScheme(): 'light' | 'dark' {
  const [scheme, setScheme] = useState<'light' | 'dark'>(shownScheme);
  useLayoutEffect(() => {
    const change = () => setScheme(shownScheme());
    dark.addEventListener('change', change);
    return () => dark.removeEventListener('change', change);
  }, []);
  return scheme;
}
