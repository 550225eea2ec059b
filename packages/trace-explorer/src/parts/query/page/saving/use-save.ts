import { useState } from 'preact/hooks';
import { ApiError, errorMessage, send } from '../../../../page/api/api.ts';

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
      const exists = error instanceof ApiError && error.refusal.code === 'SAVED_EXISTS';
      if (exists && confirm(`${what} is there already. Replace it?`)) return save(path, what, body, true);
      setSaid(exists ? `${what} is there already.` : errorMessage(error));
      return false;
    }
  };
  return [said, save] as const;
}
