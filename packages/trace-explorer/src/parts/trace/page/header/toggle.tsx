import type { ComponentChildren } from 'preact';

interface ToggleProps {
  readonly label: ComponentChildren;
  readonly on: boolean;
  readonly onToggle: (on: boolean) => void;
}

/** A button that stays pressed while something is on. */
export function Toggle({ label, on, onToggle }: ToggleProps) {
  return (
    <button type="button" class={on ? undefined : 'ghost'} aria-pressed={on} onClick={() => onToggle(!on)}>
      {label}
    </button>
  );
}
