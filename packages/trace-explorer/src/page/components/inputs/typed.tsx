import { useState } from 'preact/hooks';
import { useChange } from '../../use-change.ts';

interface TypedProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly pattern?: string;
  readonly onValue: (value: string) => void;
  /** Whether the field is empty again after its value was taken. */
  readonly clears?: boolean;
}

/** A text field that takes its value with Enter or when it loses the focus, if the value fits the pattern. */
export function Typed({ label, value = '', pattern, onValue, clears = false }: TypedProps) {
  const [typed, setTyped] = useState(value);
  useChange(value, () => setTyped(value));
  return (
    <label>
      {label}{' '}
      <input
        value={typed}
        pattern={pattern}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        onChange={({ currentTarget }) => {
          if (!currentTarget.reportValidity()) return;
          const taken = currentTarget.value.trim();
          setTyped(clears ? '' : taken);
          onValue(taken);
        }}
      />
    </label>
  );
}
