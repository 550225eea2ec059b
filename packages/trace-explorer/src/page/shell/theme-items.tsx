import { chooseTheme, chosenTheme, THEMES } from '../browser/theme.ts';
import type { MenuItem } from '../components/overlays/menu.tsx';

const LABELS = { system: 'Theme of the system', light: 'Light theme', dark: 'Dark theme' } as const;

/** Items of a menu that choose the page's colours. The chosen one has a mark. */
export function themeItems(): MenuItem[] {
  return THEMES.map((theme) => ({
    key: theme,
    label: theme === chosenTheme() ? `${LABELS[theme]} ✓` : LABELS[theme],
    onSelect: () => chooseTheme(theme),
  }));
}
