import { useState } from 'preact/hooks';
import { chooseTheme, chosenTheme, THEMES } from '../browser/theme.ts';
import { Choose } from '../components/inputs/choose.tsx';

const LABELS = { system: 'System theme', light: 'Light', dark: 'Dark' } as const;

/** Chooses the page's colours. */
export function ThemeSelect() {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <Choose
      label="Theme"
      hidesLabel
      value={theme}
      choices={THEMES.map((each) => [each, LABELS[each]])}
      onChoose={(value) => {
        const chosen = THEMES.find((each) => each === value) ?? 'system';
        chooseTheme(chosen);
        setTheme(chosen);
      }}
    />
  );
}
