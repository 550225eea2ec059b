import type { Static } from 'typebox';
import { getOrMake } from '../../shared/get-or-make.ts';
import { criticalPathOf } from '../model/critical-path.ts';
import { shapeOf } from '../model/trace-model.ts';
import { rfc3339 } from '../read/rfc3339.ts';
import type { PlacedSpan, TraceTree } from '../tree/tree.ts';
import type { Trace, WindowQuery } from './schemas.ts';

/** A trace as the API answers it, with `limit` of its spans from place `offset` on. */
export function describeTrace(
  traceId: string,
  tree: TraceTree,
  { offset = 0, limit = 1000 }: Static<typeof WindowQuery>,
): Static<typeof Trace> {
  const copies = copyNumbers(tree);
  const parent = Int32Array.from(tree.spans, (span) => span.parent);
  const error = Uint8Array.from(tree.spans, ({ record }) => (record.error ? 1 : 0));
  const { depth, children, end, errorsWithin } = shapeOf(parent, error);
  const path = criticalPathOf({
    parent,
    offset: Float64Array.from(tree.spans, (span) => span.offset),
    length: Float64Array.from(tree.spans, ({ record }) => record.duration),
  });
  return {
    trace_id: traceId,
    start: rfc3339(tree.start),
    start_ns: tree.start.toString(),
    duration_ms: tree.duration / 1e6,
    ...(tree.sampleRate !== undefined && { sample_rate: tree.sampleRate }),
    spans_total: tree.spans.length,
    errors: tree.spans.reduce((sum, { record }) => sum + (record.error ? 1 : 0), 0),
    services: countServices(tree),
    notices: [...tree.notices],
    offset,
    spans: tree.spans.slice(offset, offset + limit).map((span, at) => {
      const place = offset + at;
      const copy = copies.get(span);
      return {
        place,
        ...describeSpan(span),
        depth: depth[place] ?? 0,
        children: children[place] ?? 0,
        descendants: (end[place] ?? 0) - place - 1,
        errors_below: (errorsWithin[place] ?? 0) - (error[place] ?? 0),
        critical_ms: path.time(place) / 1e6,
        ...(copy !== undefined && { copy }),
      };
    }),
  };
}

/** Spans and errors of each service, in the order of their first span. */
export function countServices(tree: TraceTree): { name: string; spans: number; errors: number }[] {
  const services = new Map<string, { name: string; spans: number; errors: number }>();
  for (const { record } of tree.spans) {
    const { service: name } = record;
    const service = getOrMake(services, name, () => ({ name, spans: 0, errors: 0 }));
    service.spans += 1;
    if (record.error) service.errors += 1;
  }
  return [...services.values()];
}

function describeSpan(span: PlacedSpan) {
  const { record } = span;
  return {
    parent: span.parent,
    span_id: record.spanId,
    parent_id: record.parentId,
    name: record.name,
    service: record.service,
    kind: record.kind || 'unspecified',
    offset_ms: span.offset / 1e6,
    duration_ms: record.duration / 1e6,
    start_ns: record.start.toString(),
    shift_ms: span.shift / 1e6,
    error: record.error,
    ...(record.statusMessage !== '' && { status_message: record.statusMessage }),
    events: record.events,
    links: record.links,
    marks: [...span.marks],
  };
}

/** For spans that share an id: which one of them in the order of arrival, as `?copy=` takes it. */
export function copyNumbers(tree: TraceTree): ReadonlyMap<PlacedSpan, number> {
  const shared = tree.spans.filter((span) => span.marks.includes('duplicate_id'));
  const counts = new Map<string, number>();
  const numbers = new Map<PlacedSpan, number>();
  for (const span of shared.sort((a, b) => a.record.sequence - b.record.sequence)) {
    const copy = counts.get(span.record.spanId) ?? 0;
    numbers.set(span, copy);
    counts.set(span.record.spanId, copy + 1);
  }
  return numbers;
}
