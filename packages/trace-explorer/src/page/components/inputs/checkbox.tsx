interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly class?: string;
  /** Whether it is shown as a switch: what is on or off at once. */
  readonly isSwitch?: boolean;
  /** The key that does the same. */
  readonly keys?: string;
}

/** A box to tick, or a switch, before its label. */
export function Checkbox({ label, checked, onChange, class: name, isSwitch, keys }: CheckboxProps) {
  return (
    <label class={name ?? 'choice'}>
      <input
        type="checkbox"
        role={isSwitch ? 'switch' : undefined}
        checked={checked}
        aria-keyshortcuts={keys}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {label} {keys !== undefined && <kbd>{keys}</kbd>}
    </label>
  );
}
