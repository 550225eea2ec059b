import { useLayoutEffect, useState } from 'preact/hooks';

const darkQuery = matchMedia('(prefers-color-scheme: dark)');

/** Light or dark, as the system prefers; a canvas must be drawn again when it changes. */
export function useColorScheme(): 'light' | 'dark' {
  const [dark, setDark] = useState(darkQuery.matches);
  useLayoutEffect(() => {
    const change = () => setDark(darkQuery.matches);
    darkQuery.addEventListener('change', change);
    return () => darkQuery.removeEventListener('change', change);
  }, []);
  return dark ? 'dark' : 'light';
}
