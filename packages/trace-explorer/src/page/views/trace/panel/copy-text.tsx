import { useState } from 'preact/hooks';

/** A button that copies a text, and says so. */
export function CopyText({ what, text }: { what: string; text: string }) {
  const [said, setSaid] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('The browser does not allow copying here: select the text instead.'),
    );
  return (
    <span class="copy-text">
      <button type="button" onClick={copy} aria-label={`Copy the ${what}`}>
        Copy
      </button>{' '}
      <span role="status" class="muted">
        {said}
      </span>
    </span>
  );
}
