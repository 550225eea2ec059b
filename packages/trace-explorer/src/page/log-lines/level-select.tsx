import type { Level } from '../../lib/text/log-levels.ts';
import { LEVEL_NAMES } from '../../lib/text/log-levels.ts';
import { Segmented } from '../components/inputs/segmented.tsx';

interface LevelSelectProps {
  readonly value: Level | undefined;
  /** Whether there are lines of a level. The others are no choice. */
  readonly has: (level: Level) => boolean;
  readonly onChoose: (level: Level | undefined) => void;
}

const ANY = 'all';

/** Chooses the lowest level of the displayed lines; undefined for any. */
export function LevelSelect({ value, has, onChoose }: LevelSelectProps) {
  return (
    <Segmented<Level | typeof ANY>
      label="Lowest level"
      value={value ?? ANY}
      choices={[
        [ANY, 'All'],
        ...LEVEL_NAMES.filter((name) => name === value || has(name)).map(
          (name) => [name, name.charAt(0).toUpperCase() + name.slice(1)] as const,
        ),
      ]}
      onChoose={(chosen) => onChoose(chosen === ANY ? undefined : chosen)}
    />
  );
}
