import type { RefObject } from 'preact';
import { Icon } from '../icon.tsx';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** Shown while nothing is written; the label when left out. */
  readonly placeholder?: string;
  /** The key that leads to it. */
  readonly keys?: string;
  readonly input?: RefObject<HTMLInputElement | null>;
}

/** A text to look for, with each letter as it is typed. */
export function SearchField({ label, value, onValue, placeholder = label, keys, input }: SearchFieldProps) {
  return (
    <label class="field">
      <Icon name="search" />
      <input
        {...(input && { ref: input })}
        type="search"
        aria-label={label}
        aria-keyshortcuts={keys}
        placeholder={placeholder}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {keys !== undefined && value === '' && <kbd>{keys}</kbd>}
    </label>
  );
}
