import { useEffect } from 'preact/hooks';
import { tracePlace } from '../../core/places/place.ts';
import { readTraceReference } from '../../core/shared/trace-reference.ts';
import { go } from '../browser/router.ts';
import { isWriting, useKeys } from '../browser/use-keys.ts';

/** Opens the box to go anywhere with `g` and Ctrl+K. A trace pasted outside every input is opened at once. */
export function useGoKeys(onOpen: () => void): void {
  useKeys({ g: onOpen, 'Control+k': onOpen });
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (event.defaultPrevented || isWriting(event.target)) return;
      const trace = readTraceReference(event.clipboardData?.getData('text') ?? '');
      if (trace === undefined) return;
      event.preventDefault();
      go(tracePlace(trace.traceId, trace.spanId));
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, []);
}
