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
      requestAnimationFrame(() =>
        document.querySelector<HTMLElement>('#builder [data-clause="WHERE"]')?.focus(),
      );
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
