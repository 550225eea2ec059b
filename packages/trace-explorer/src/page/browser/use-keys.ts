import { useListener } from './use-listener.ts';

/**
 * Calls the handler of a key (`g`, `Control+k`) wherever the focus is, unless a person is typing or a dialog is open. A handler
 * that returns false leaves the key to the browser.
 * @param at `window` for keys of the frame, which a view may have itself: its handlers come first
 * @param isOver whether they are keys of what lies over the page
 */
export function useKeys(
  handlers: Readonly<Record<string, (() => unknown) | undefined>>,
  at: Document | Window = document,
  isOver = false,
): void {
  useListener(at, 'keydown', (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey } = event;
    const control = ctrlKey || metaKey;
    if (event.defaultPrevented || altKey) return;
    if (key !== 'Escape' && !control && isWriting(event.target)) return;
    if (!isOver && document.querySelector('dialog[open], [popover=auto]:popover-open') !== null) return;
    const handler = handlers[control ? `Control+${key.toLowerCase()}` : key];
    if (handler !== undefined && handler() !== false) event.preventDefault();
  });
}

/** Whether keys belong to the focused element. */
export function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input:not([type=radio], [type=checkbox]), textarea, [contenteditable], dialog') !== null
  );
}
