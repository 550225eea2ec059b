import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface SegmentedProps<Value extends string> {
  /** Names the whole for a screen reader. */
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly (readonly [value: Value, text: ComponentChildren])[];
  readonly onChoose: (value: Value) => void;
}

/** One of a few choices that are all in sight. */
export function Segmented<Value extends string>({ label, value, choices, onChoose }: SegmentedProps<Value>) {
  const name = useId();
  return (
    <span class="segments" role="radiogroup" aria-label={label}>
      {choices.map(([each, text]) => (
        <label key={each}>
          <input
            type="radio"
            class="cover"
            name={name}
            value={each}
            checked={each === value}
            onChange={() => onChoose(each)}
          />
          {text}
        </label>
      ))}
    </span>
  );
}
