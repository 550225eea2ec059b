import type { ComponentChildren } from 'preact';

/** Nothing to show: says so, and what to do next. */
export function EmptyState({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state empty-state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}
