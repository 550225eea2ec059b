import { useState } from 'preact/hooks';
import { chooseTheme, chosenTheme, THEMES } from './theme.ts';

const LABELS = { system: 'System theme', light: 'Light', dark: 'Dark' } as const;

/** Chooses the page's colours. */
export function ThemeSelect() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <select
      aria-label="Theme"
      value={theme}
      onChange={(event) => {
        const chosen = THEMES.find((each) => each === event.currentTarget.value) ?? 'system';
        chooseTheme(chosen);
        setTheme(chosen);
      }}
    >
      {THEMES.map((each) => (
        <option key={each} value={each}>
          {LABELS[each]}
        </option>
      ))}
    </select>
  );
}
