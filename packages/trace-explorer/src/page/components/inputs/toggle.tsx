interface ToggleProps {
  readonly label: string;
  readonly on: boolean;
  readonly onToggle: (on: boolean) => void;
}

/** A button that stays pressed while something is on. */
export function Toggle({ label, on, onToggle }: ToggleProps) {
  return (
    <button type="button" aria-pressed={on} onClick={() => onToggle(!on)}>
      {label}
    </button>
  );
}
