import { useLayoutEffect, useRef } from 'preact/hooks';

/** The key `/` unfolds the query's clauses, and puts the focus on WHERE. */
export function useEditKey(unfold: () => void): void {
  const latest = useRef(unfold);
  latest.current = unfold;
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { key, target, ctrlKey, metaKey, altKey } = event;
      if (key !== '/' || ctrlKey || metaKey || altKey || event.defaultPrevented) return;
      if (target instanceof Element && target.closest('input, textarea, select, dialog') !== null) return;
      event.preventDefault();
      latest.current();
      focusWhere(MAX_FRAMES);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/** Frames that the clauses may take to load, when they unfold for the first time: two seconds. */
const MAX_FRAMES = 120;

function focusWhere(frames: number): void {
  requestAnimationFrame(() => {
    const input = document.querySelector<HTMLElement>('#builder [data-clause="WHERE"]');
    if (input !== null) input.focus();
    else if (frames > 0) focusWhere(frames - 1);
  });
}
