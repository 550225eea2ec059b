import type { Level } from '../../shared/log-levels.ts';
import { LEVEL_NAMES } from '../../shared/log-levels.ts';

/** Chooses the least level of the lines that are shown; undefined for any. */
export function LevelSelect({
  value,
  onChange,
}: {
  readonly value: Level | undefined;
  readonly onChange: (level: Level | undefined) => void;
}) {
  return (
    <label>
      Level{' '}
      <select
        value={value ?? ''}
        onChange={({ currentTarget }) => onChange(LEVEL_NAMES.find((name) => name === currentTarget.value))}
      >
        <option value="">any</option>
        {LEVEL_NAMES.map((name) => (
          <option key={name} value={name}>
            {name} and above
          </option>
        ))}
      </select>
    </label>
  );
}
