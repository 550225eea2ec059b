import type { ComponentProps } from 'preact';
import { useState } from 'preact/hooks';

interface TypedProps extends Pick<ComponentProps<'input'>, 'max' | 'min' | 'pattern' | 'placeholder'> {
  readonly label: string;
  readonly value: string | undefined;
  readonly type?: 'number';
  readonly onValue: (value: string) => void;
}

/** A text field. Enter or losing the focus takes its value, if the value matches the pattern. */
export function Typed({ label, value = '', onValue, ...others }: TypedProps) {
  const [typed, setTyped] = useState({ since: value, text: value });
  // Another value, as by a link, replaces the text that was typed since the last value.
  const text = typed.since === value ? typed.text : value;
  return (
    <label class="field">
      {label}
      <input
        {...others}
        value={text}
        style={{ width: others.type || others.pattern ? '4rem' : '8rem' }}
        onInput={({ currentTarget }) => setTyped({ since: value, text: currentTarget.value })}
        onChange={({ currentTarget }) => {
          if (!currentTarget.reportValidity()) return;
          const taken = currentTarget.value.trim();
          setTyped({ since: taken, text: taken });
          onValue(taken);
        }}
      />
    </label>
  );
}
