import { useState } from 'preact/hooks';
import { errorMessage } from '../api/api.ts';

/** Stores files of OTLP JSON, such as exported traces, or saved pages, one after the other; then shows the new traces. */
export function useImport() {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<{ readonly text: string; readonly failed: boolean }>();
  const take = async (files: readonly File[]) => {
    if (files.length === 0) return;
    setBusy(true);
    setSaid(undefined);
    try {
      const { takeFiles } = await import('./take-files.ts');
      const { text, failed, show } = await takeFiles(files);
      setSaid({ text, failed });
      show();
    } catch (error) {
      setSaid({ text: errorMessage(error), failed: true });
    }
    setBusy(false);
  };
  return { busy, said, take, forget: () => setSaid(undefined) };
}
