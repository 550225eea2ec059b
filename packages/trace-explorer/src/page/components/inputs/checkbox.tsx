interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly class?: string;
}

/** A box to tick, before its label. */
export function Checkbox({ label, checked, onChange, class: name = 'choice' }: CheckboxProps) {
  return (
    <label class={name}>
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
