import { useEffect, useRef, useState } from 'preact/hooks';
import { Busy } from '../components/states/busy.tsx';
import { useImport } from './use-import.ts';

/** Stores files that are dropped on the page, in every view. */
export function DropFiles() {
  const { busy, said, take, forget } = useImport();
  const over = useDrop((files) => void take(files));
  return (
    <>
      {over && (
        <span class="drop-target passive over">Drop files of OTLP JSON, or saved pages, to import them</span>
      )}
      {(busy || said !== undefined) && (
        <p class="health dropped band line" role="status">
          {busy && <Busy what="Importing" />}
          <span class={said?.failed ? 'error-text' : 'muted'}>{said?.text}</span>
          {said && (
            <button type="button" onClick={forget}>
              Put away
            </button>
          )}
        </p>
      )}
    </>
  );
}

/** Takes files that are dropped on the page. Returns whether files are being held over it. */
function useDrop(onFiles: (files: readonly File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    const controller = new AbortController();
    const listen = (type: 'dragover' | 'dragleave' | 'drop', handler: (event: DragEvent) => void) =>
      document.addEventListener(
        type,
        (event) => event.dataTransfer?.types.includes('Files') && handler(event),
        {
          signal: controller.signal,
        },
      );
    listen('dragover', (event) => {
      event.preventDefault();
      setOver(true);
    });
    listen('dragleave', (event) => event.relatedTarget === null && setOver(false));
    listen('drop', (event) => {
      event.preventDefault();
      setOver(false);
      latest.current([...(event.dataTransfer?.files ?? [])]);
    });
    return () => controller.abort();
  }, []);
  return over;
}
