import type { StallEntry } from '../../../../../src/core/traces/model/stalls.ts';

/** A stall, with milliseconds from the start of its span, and of the time of its thread. */
export type Planted = readonly [
  at: number,
  length: number,
  kind?: string,
  gc?: number,
  where?: string,
  ran?: number,
  waited?: number,
];

/** The facts of a span whose process stood still. */
export function stalled(...stalls: readonly Planted[]) {
  const entries = stalls.map(
    ([at, length, kind = 'ran', gc = 0, where = '', ran = null, waited = null]): StallEntry => {
      return [at, length, kind, gc, where, ran, waited];
    },
  );
  return { stalls: JSON.stringify(entries), stalled: stalls.reduce((sum, [, length]) => sum + length, 0) };
}
