import { useState } from 'preact/hooks';
import { useListener } from '../browser/use-listener.ts';
import { Busy } from '../components/states/busy.tsx';
import { useImport } from './use-import.ts';

/** Stores files that are dropped on the page, in every view. */
export function DropFiles() {
  const { busy, said, take, forget } = useImport();
  const [over, setOver] = useState(false);
  const onDrag = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    setOver(event.type === 'dragover');
    if (event.type === 'drop') void take([...event.dataTransfer.files]);
  };
  useListener(document, 'dragover', onDrag);
  useListener(document, 'drop', onDrag);
  useListener(
    document,
    'dragleave',
    ({ relatedTarget }: DragEvent) => relatedTarget === null && setOver(false),
  );
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
