import { useLayoutEffect, useState } from 'preact/hooks';
import { tracePlace } from '../../places/place.ts';
import { readTraceReference } from '../../shared/trace-reference.ts';
import { go } from './router.ts';

/** Whether the box to go anywhere is open: `g` and Ctrl+K open it. A trace pasted beside every input is gone to at once. */
export function useGoBox() {
  const [open, setOpen] = useState(false);
  // Before the browser paints: what can be seen listens to its keys.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey } = event;
      const command = (ctrlKey || metaKey) && !altKey && key.toLowerCase() === 'k';
      const letter = key === 'g' && !ctrlKey && !metaKey && !altKey && !isWriting(event.target);
      if (event.defaultPrevented || !(command || letter)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      event.preventDefault();
      setOpen(true);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (event.defaultPrevented || isWriting(event.target)) return;
      const trace = readTraceReference(event.clipboardData?.getData('text') ?? '');
      if (trace === undefined) return;
      event.preventDefault();
      go(tracePlace(trace.traceId, trace.spanId));
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('paste', onPaste);
    };
  }, []);
  return [open, setOpen] as const;
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog') !== null
  );
}
