import { useEffect, useState } from 'preact/hooks';

/** Copies a text, and says whether that worked. `text` is asked for when the button is pressed. */
export function CopyButton({ text, label, about }: { text: () => string; label: string; about?: string }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () =>
    navigator.clipboard.writeText(text()).then(
      () => setSaid('Copied'),
      () => setSaid('The browser did not allow it'),
    );
  return (
    <span class="copy">
      <button type="button" onClick={copy} aria-label={about} title={about}>
        {label}
      </button>{' '}
      <span role="status" class="muted">
        {said}
      </span>
    </span>
  );
}
