import type { StallEntry } from '../../../../../src/core/traces/model/stalls.ts';

/** A stall, with milliseconds from the start of its span. */
export type Planted = readonly [at: number, length: number, kind?: string, gc?: number, where?: string];

/** The facts of a span whose process stood still. */
export function stalled(...stalls: readonly Planted[]) {
  const entries = stalls.map(
    ([at, length, kind = 'ran', gc = 0, where = '']): StallEntry => [at, length, kind, gc, where],
  );
  return { stalls: JSON.stringify(entries), stalled: stalls.reduce((sum, [, length]) => sum + length, 0) };
}
