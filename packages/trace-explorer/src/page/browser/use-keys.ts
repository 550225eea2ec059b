import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Calls the handler of a key (`g`, `Control+k`) wherever the focus is, unless a person is typing or a dialog is open. A handler
 * that returns false leaves the key to the browser.
 */
export function useKeys(handlers: Readonly<Record<string, () => unknown>>): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  // Listens before the browser paints: a visible view must react to its keys.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey } = event;
      const control = ctrlKey || metaKey;
      if (event.defaultPrevented || altKey) return;
      if (key !== 'Escape' && !control && isWriting(event.target)) return;
      if (document.querySelector('dialog[open], :popover-open') !== null) return;
      const handler = latest.current[control ? `Control+${key.toLowerCase()}` : key];
      if (handler !== undefined && handler() !== false) event.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/** Whether keys belong to the focused element. */
export function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, textarea, select, [contenteditable], dialog') !== null
  );
}
