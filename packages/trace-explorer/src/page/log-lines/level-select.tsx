import type { Level } from '../../core/shared/log-levels.ts';
import { LEVEL_NAMES } from '../../core/shared/log-levels.ts';
import { Choose } from '../components/inputs/choose.tsx';

interface LevelSelectProps {
  readonly value: Level | undefined;
  readonly onChoose: (level: Level | undefined) => void;
}

/** Chooses the lowest level of the displayed lines; undefined for any. */
export function LevelSelect({ value, onChoose }: LevelSelectProps) {
  return (
    <Choose
      label="Level"
      none="any"
      value={value}
      choices={LEVEL_NAMES.map((name) => [name, `${name} and above`])}
      onChoose={(chosen) => onChoose(LEVEL_NAMES.find((name) => name === chosen))}
    />
  );
}
