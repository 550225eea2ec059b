import type { ComponentChildren } from 'preact';

/** Says that there is nothing to show, and what to do. Its picture, a waterfall, draws itself once. */
export function EmptyState({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state empty-state column">
      <EmptyMark />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Left, width and colour of the bars. */
const BARS = [
  [0, 64, 'var(--line2)'],
  [8, 30, 'var(--line2)'],
  [20, 34, 'var(--accent)'],
  [44, 20, 'var(--line2)'],
] as const;

/** The mark of the page as a small waterfall. */
export function EmptyMark() {
  return (
    <svg class="empty-mark" width="64" height="44" viewBox="0 0 64 44" aria-hidden="true">
      {BARS.map(([x, width, fill], row) => (
        <rect key={x} x={x} y={row * 12} width={width} height="6" rx="3" fill={fill} />
      ))}
    </svg>
  );
}
