import type { TraceOutline } from '../../../../../src/core/traces/model/outline.ts';
import type { FactLists } from '../../../../../src/core/traces/model/span-facts.ts';
import { FACTS } from '../../../../../src/core/traces/model/span-facts.ts';

const ms = 1e6;
const NO_FACTS = Object.fromEntries(FACTS.map(([, { as }]) => [as, []])) as unknown as FactLists;

/** An outline of rows `[depth, name, offset, duration]` in depth-first order, times in milliseconds. */
export function outline(
  rows: readonly (readonly [number, string, number, number])[],
  more: Partial<TraceOutline> = {},
) {
  const above: number[] = [];
  const parent = rows.map(([depth], index) => {
    above[depth] = index;
    return depth === 0 ? -1 : (above[depth - 1] ?? -1);
  });
  const texts = [...new Set(rows.map(([, name]) => name)), 'internal'];
  return {
    trace_id: 'a'.repeat(32),
    start: '',
    start_ns: '1790000000000000000',
    duration_ns: 100 * ms,
    services: [{ name: 'api', spans: rows.length, errors: 0 }],
    arrival: {},
    texts,
    span_ids: rows.map((_, index) => index.toString(16).padStart(16, '0')).join(''),
    name: rows.map(([, name]) => texts.indexOf(name)),
    service: rows.map(() => 0),
    kind: rows.map(() => texts.length - 1),
    parent,
    offset: rows.map(([, , offset]) => offset * ms),
    duration: rows.map(([, , , duration]) => duration * ms),
    errors: [],
    ...NO_FACTS,
    shift: [],
    marks: [],
    copy: [],
    missing_parent: [],
    lost: [],
    events: { index: [], offset: [], name: [] },
    ...more,
  } satisfies TraceOutline;
}
