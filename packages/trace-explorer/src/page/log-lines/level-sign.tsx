import type { LineKind } from './levels.ts';

/** A shape for each kind, around 0,0. The shapes differ without colours, too. */
const SHAPES: Readonly<Record<LineKind, string>> = {
  plain: 'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0',
  info: 'M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0',
  warn: 'M0-4.5 4.8 4H-4.8Z',
  error: 'M-4.5-2.5-2.5-4.5 0-2 2.5-4.5 4.5-2.5 2 0 4.5 2.5 2.5 4.5 0 2-2.5 4.5-4.5 2.5-2 0Z',
  fatal: 'M-2-4.8H2L4.8-2V2L2 4.8H-2L-4.8 2V-2Z',
  exception: 'M-4-4H4V4H-4Z',
};

/** The sign of a line's level. The words are beside the sign, or come from the caller. */
export function LevelSign({ kind }: { kind: LineKind }) {
  return (
    <svg class={`level-sign level-${kind} ${kind}`} viewBox="-6 -6 12 12" aria-hidden="true">
      <path d={SHAPES[kind]} />
    </svg>
  );
}
