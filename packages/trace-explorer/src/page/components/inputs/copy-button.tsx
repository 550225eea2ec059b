import { useEffect, useState } from 'preact/hooks';

export interface CopyButtonProps {
  /** Asked for when the button is pressed. An Error's message is shown in its place. */
  readonly text: () => string | Promise<string>;
  readonly label: string;
  /** The copied thing in words. */
  readonly about?: string;
  readonly title?: string;
  /** Said when it is copied. */
  readonly said?: string | undefined;
}

const SHOWN_MS = 5000;

/** Copies a text, and says whether that worked. */
export function CopyButton({ text, label, about, title = about, said = 'Copied' }: CopyButtonProps) {
  const [shown, setShown] = useState('');
  useEffect(() => {
    if (shown === '') return;
    const timer = setTimeout(() => setShown(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await text());
      setShown(said);
    } catch (error) {
      const isRefused = error instanceof DOMException || !(error instanceof Error);
      setShown(isRefused ? 'The browser did not allow it' : error.message);
    }
  };
  return (
    <span class="copy">
      <button type="button" onClick={copy} aria-label={about} title={title}>
        {label}
      </button>{' '}
      <span role="status" class="muted">
        {shown}
      </span>
    </span>
  );
}
