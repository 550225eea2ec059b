import { useState } from 'preact/hooks';
import { ApiError, errorMessage, send } from '../../../../page/api/api.ts';

/** The texts of a form that is being sent, by the names of its fields. */
export function formTexts(
  event: Event & { readonly currentTarget: HTMLFormElement },
): Record<string, string> {
  event.preventDefault();
  const texts = [...new FormData(event.currentTarget)];
  return Object.fromEntries(texts.map(([name, text]) => [name, String(text).trim()]));
}

/** Saves, and says whether it worked. It replaces an existing file only when a person confirms it. */
export function useSave(onDone: () => void) {
  const [said, setSaid] = useState('');
  const save = async (path: string, what: string, body: object, replace = false): Promise<boolean> => {
    try {
      await send('PUT', path, { ...body, replace });
      setSaid(`Saved: ${what}`);
      onDone();
      return true;
    } catch (error) {
      const exists = error instanceof ApiError && error.code === 'SAVED_EXISTS';
      if (exists && confirm(`${what} is there already. Replace it?`)) return save(path, what, body, true);
      setSaid(exists ? `${what} is there already.` : errorMessage(error));
      return false;
    }
  };
  return [said, save] as const;
}
