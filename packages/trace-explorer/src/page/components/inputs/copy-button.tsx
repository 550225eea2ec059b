import { useState } from 'preact/hooks';
import { useLater } from '../../browser/use-paused.ts';

export interface CopyButtonProps {
  /** Runs on a press of the button. The message of an Error replaces the button's label. */
  readonly text: () => string | Promise<string>;
  readonly label: string;
  /** The copied thing, in words. */
  readonly about?: string;
  readonly title?: string;
}

const SHOWN_MS = 5000;

/** Copies a text, and shows whether it worked. */
export function CopyButton({ text, label, about, title = about }: CopyButtonProps) {
  const [shown, setShown] = useState('');
  useLater(() => setShown(''), shown === '' ? undefined : SHOWN_MS, [shown]);
  return (
    <span class="copy">
      <button type="button" onClick={() => void copied(text).then(setShown)} aria-label={about} title={title}>
        {label}
      </button>{' '}
      <span role="status" class="muted">
        {shown}
      </span>
    </span>
  );
}

/**
 * Copies a text. A browser has no clipboard on a page of another machine without HTTPS.
 * @returns what came of it, in words
 */
export async function copied(text: CopyButtonProps['text'], done = 'Copied'): Promise<string> {
  try {
    await navigator.clipboard.writeText(await text());
    return done;
  } catch (error) {
    const isRefused =
      error instanceof DOMException || error instanceof TypeError || !(error instanceof Error);
    return isRefused ? 'The browser did not allow it' : error.message;
  }
}
