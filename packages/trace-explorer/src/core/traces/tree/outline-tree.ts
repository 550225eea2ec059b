import { Distinct } from '../../../lib/distinct.ts';
import { getOrMake } from '../../../lib/get-or-make.ts';
import { rfc3339 } from '../../../lib/time/rfc3339.ts';
import type { TraceOutline } from '../model/outline.ts';
import type { FactLists } from '../model/span-facts.ts';
import { FACTS } from '../model/span-facts.ts';
import type { PlacedSpan, TraceTree } from './tree.ts';

/** Describes a trace from its tree, without events. `tree` must be the tree of `traceId`. */
export function outlineTree(traceId: string, tree: TraceTree, texts = new Distinct<string>()): TraceOutline {
  const services = countServices(tree);
  const serviceAt = new Map(services.map(({ name }, index) => [name, index]));
  const { spans } = tree;
  /** Entries for the spans that have the property. */
  const sparse = <T>(read: (span: PlacedSpan) => T | '' | 0 | false | undefined): [number, T][] => {
    const found: [number, T][] = [];
    spans.forEach((span, index) => {
      const value = read(span);
      if (value) found.push([index, value as T]);
    });
    return found;
  };
  const where = (has: (span: PlacedSpan) => boolean) => sparse(has).map(([index]) => index);
  return {
    trace_id: traceId,
    start: rfc3339(tree.start),
    start_ns: tree.start.toString(),
    duration_ns: tree.duration,
    ...(tree.sampleRate !== undefined && { sample_rate: tree.sampleRate }),
    services,
    arrival: tree.arrival,
    span_ids: spans.map(({ record }) => record.spanId).join(''),
    name: spans.map(({ record }) => texts.add(record.name)),
    service: spans.map(({ record }) => serviceAt.get(record.service) ?? 0),
    kind: spans.map(({ record }) => texts.add(record.kind || 'unspecified')),
    parent: spans.map(({ parent }) => parent),
    offset: spans.map(({ offset }) => Math.round(offset)),
    duration: spans.map(({ record }) => Math.round(record.duration)),
    errors: where(({ record }) => record.error),
    shift: sparse(({ shift }) => Math.round(shift)),
    ...factLists(tree),
    marks: sparse(({ marks }) => marks.length > 0 && marks),
    copy: copyNumbers(tree),
    missing_parent: sparse(({ record, marks }) => marks.includes('missing_parent') && record.parentId),
    lost: [],
    events: { index: [], offset: [], name: [] },
    texts: texts.list,
  };
}

const SENT = {
  failed: ({ record }: PlacedSpan) => record.error,
  roots: ({ parent }: PlacedSpan) => parent < 0,
  'failed, roots and servers': ({ record, parent }: PlacedSpan) =>
    record.error || parent < 0 || record.kind === 'server',
};

function factLists({ spans }: TraceTree): FactLists {
  const lists = FACTS.map(([name, { as, type, of }]) => {
    const keys = new Distinct<unknown>();
    const list: unknown[] = [];
    spans.forEach((span, index) => {
      const value = span.record[name];
      if (!value || (of !== undefined && !SENT[of](span))) return;
      list.push(type === 'flag' ? index : [index, type === 'key' ? keys.add(value) + 1 : value]);
    });
    return [as, list] as const;
  });
  return Object.fromEntries(lists) as unknown as FactLists;
}

function countServices(tree: TraceTree): { name: string; spans: number; errors: number }[] {
  const services = new Map<string, { name: string; spans: number; errors: number }>();
  for (const { record } of tree.spans) {
    const { service: name } = record;
    const service = getOrMake(services, name, () => ({ name, spans: 0, errors: 0 }));
    service.spans += 1;
    if (record.error) service.errors += 1;
  }
  return [...services.values()];
}

/** Numbers spans with the same id in the order of arrival, for `?copy=`. */
function copyNumbers({ spans }: TraceTree): [index: number, copy: number][] {
  const byId = Map.groupBy(spans.keys(), (index) => spans[index]?.record.spanId);
  const sequence = (index: number) => spans[index]?.record.sequence ?? 0;
  const sharing = [...byId.values()].filter(({ length }) => length > 1);
  const numbers = sharing.flatMap((indexes) =>
    indexes.sort((a, b) => sequence(a) - sequence(b)).map((index, copy): [number, number] => [index, copy]),
  );
  return numbers.sort(([a], [b]) => a - b);
}
