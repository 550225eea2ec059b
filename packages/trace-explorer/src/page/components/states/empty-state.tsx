import type { ComponentChildren } from 'preact';

/** Says that there is nothing to show, and what to do. */
export function EmptyState({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state empty-state column">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
