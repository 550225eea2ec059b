import { useState } from 'preact/hooks';
import { useChange } from '../use-change.ts';

interface TypedProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly pattern?: string;
  /** What the text stands for; undefined when it makes no sense. */
  readonly read?: (text: string) => string | undefined;
  /** What a person is told when it makes no sense. */
  readonly expected?: string;
  readonly onValue: (value: string) => void;
  /** Whether the field is empty again after it was taken. */
  readonly clears?: boolean;
}

/** A text field that takes its value with Enter or when it loses the focus, if the value makes sense. */
export function Typed({
  label,
  value = '',
  pattern,
  read = (text) => text,
  expected = '',
  onValue,
  clears = false,
}: TypedProps) {
  const [typed, setTyped] = useState(value);
  useChange(value, () => setTyped(value));
  return (
    <label>
      {label}{' '}
      <input
        value={typed}
        pattern={pattern}
        onInput={({ currentTarget }) => {
          currentTarget.setCustomValidity('');
          setTyped(currentTarget.value);
        }}
        onChange={({ currentTarget }) => {
          const meant = read(currentTarget.value.trim());
          currentTarget.setCustomValidity(meant === undefined ? expected : '');
          if (!currentTarget.reportValidity() || meant === undefined) return;
          setTyped(clears ? '' : meant);
          onValue(meant);
        }}
      />
    </label>
  );
}
