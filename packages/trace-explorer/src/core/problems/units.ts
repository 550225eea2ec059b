import { counted, formatCount, seenText } from '../../lib/text/words.ts';
import type { Cause } from './schemas.ts';

/** The units in which a cause can be counted. */
export const UNITS = ['request', 'message', 'job', 'test', 'conversation', 'trace'] as const;
export type Unit = (typeof UNITS)[number];

const OF_KIND: Readonly<Record<string, Unit>> = {
  server: 'request',
  consumer: 'message',
  test: 'test',
  // A call that nothing made, as far as the spans tell.
  client: 'trace',
  producer: 'trace',
};

/** The unit of the span in which something ran: of a SERVER span a request, of a CONSUMER span a message. */
export function unitOf(kind: string): Unit {
  return OF_KIND[kind] ?? 'job';
}

/** How many units there are of a kind: by their rates, and as they are stored. */
export interface UnitCount {
  readonly unit: Unit;
  readonly count: number;
  readonly seen: number;
}

/** The units of a cause. Of several kinds the one that has most is counted, and nothing else: each unit has one word. */
export function countUnits(all: Iterable<{ readonly unit: Unit; readonly weight: number }>): UnitCount {
  const counts = new Map<Unit, UnitCount>();
  for (const { unit, weight } of all) {
    const { count = 0, seen = 0 } = counts.get(unit) ?? {};
    counts.set(unit, { unit, count: count + weight, seen: seen + 1 });
  }
  const [most = { unit: 'trace', count: 0, seen: 0 }] = [...counts.values()].sort((a, b) => b.seen - a.seen);
  return most;
}

/** How often a cause was seen, in its unit, and of how many. Traces are counted where not all of them were looked at. */
export function countOf({
  counts,
  conversation,
  traces: count,
  seen,
  of,
  of_estimated = of,
}: Pick<Cause, 'counts' | 'conversation' | 'traces' | 'seen' | 'of' | 'of_estimated'>) {
  return (
    counts ?? {
      unit: conversation ? ('conversation' as const) : ('trace' as const),
      count,
      of: of_estimated,
      ...(seen !== undefined && { seen }),
    }
  );
}

/** `9 messages`, `≈ 12,600 requests, seen in 30`: how often, with its unit. */
export function countText({
  unit,
  count,
  seen,
}: Omit<UnitCount, 'seen'> & Partial<Pick<UnitCount, 'seen'>>): string {
  return seen === undefined || seen === count
    ? counted(count, unit)
    : seenText({ traces: count, seen }, unit);
}

/** `9 of 15 messages`, `each message`: how many of all. */
export function shareText({ unit, count, of }: Omit<UnitCount, 'seen'> & { readonly of: number }): string {
  if (count < of) return `${formatCount(count)} of ${counted(of, unit)}`;
  return of === 1 ? `the only ${unit}` : `each ${unit}`;
}

/** `9 of all 15 messages`. */
export function ofAllText({ unit, count, of }: Omit<UnitCount, 'seen'> & { readonly of: number }): string {
  return `${formatCount(count)} of all ${counted(of, unit)}`;
}
