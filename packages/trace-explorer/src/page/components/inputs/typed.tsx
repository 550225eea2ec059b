import { useState } from 'preact/hooks';
import { useChange } from '../../use-change.ts';

interface TypedProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly pattern?: string;
  readonly onValue: (value: string) => void;
  /** Whether the field is emptied after its value was taken. */
  readonly clears?: boolean;
}

/** A text field. Enter or losing the focus takes its value, if the value matches the pattern. */
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
