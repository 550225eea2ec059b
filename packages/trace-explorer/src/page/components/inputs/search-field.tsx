import { useRef } from 'preact/hooks';
import { useKeys } from '../../browser/use-keys.ts';
import { Icon } from '../icon.tsx';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** Shown while nothing is written; the label when left out. */
  readonly placeholder?: string;
  /** The key that leads to it. */
  readonly keys?: string;
}

/** A text to look for, with each letter as it is typed. */
export function SearchField({ label, value, onValue, placeholder = label, keys = '' }: SearchFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useKeys({ [keys]: () => input.current?.focus() });
  return (
    <label class="field">
      <Icon name="search" />
      <input
        ref={input}
        type="search"
        aria-label={label}
        aria-keyshortcuts={keys || undefined}
        placeholder={placeholder}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {keys !== '' && value === '' && <kbd>{keys}</kbd>}
    </label>
  );
}
