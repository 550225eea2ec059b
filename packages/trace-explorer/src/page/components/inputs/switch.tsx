interface SwitchProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  /** The key that does the same. */
  readonly keys?: string;
}

/** What is on or off at once, after its label. */
export function Switch({ label, checked, onChange, keys }: SwitchProps) {
  return (
    <label class="choice">
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        aria-checked={checked}
        aria-keyshortcuts={keys}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label} {keys !== undefined && <kbd>{keys}</kbd>}
    </label>
  );
}
