import { useEffect, useState } from 'preact/hooks';

export interface CopyButtonProps {
  /** Runs on a press of the button. The message of an Error replaces the button's label. */
  readonly text: () => string | Promise<string>;
  readonly label: string;
  /** The copied thing, in words. */
  readonly about?: string;
  readonly title?: string;
  /** The button's text after copying. */
  readonly doneText?: string | undefined;
}

const SHOWN_MS = 5000;

/** Copies a text, and shows whether it worked. */
export function CopyButton({ text, label, about, title = about, doneText = 'Copied' }: CopyButtonProps) {
  const [shown, setShown] = useState('');
  useEffect(() => {
    if (shown === '') return;
    const timer = setTimeout(() => setShown(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await text());
      setShown(doneText);
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
