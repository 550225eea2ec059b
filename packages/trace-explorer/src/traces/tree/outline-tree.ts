import { getOrMake } from '../../shared/get-or-make.ts';
import { Distinct } from '../model/distinct.ts';
import type { TraceOutline } from '../model/outline.ts';
import { rfc3339 } from '../read/rfc3339.ts';
import type { PlacedSpan, TraceTree } from './tree.ts';

/** Describes a trace as far as its tree knows it: without events; `tree` must be the tree of `traceId`. */
export function outlineTree(traceId: string, tree: TraceTree, texts = new Distinct<string>()): TraceOutline {
  const services = countServices(tree);
  const serviceAt = new Map(services.map(({ name }, index) => [name, index]));
  const copies = copyNumbers(tree);
  const calls = new Distinct<number>();
  const statements = new Distinct<number>();
  const columns = {
    name: [] as number[],
    service: [] as number[],
    kind: [] as number[],
    parent: [] as number[],
    offset: [] as number[],
    duration: [] as number[],
    errors: [] as number[],
    shift: [] as [number, number][],
    status_message: [] as [number, string][],
    status_code: [] as [number, string][],
    problem: [] as [number, string][],
    route: [] as [number, string][],
    links: [] as [number, number][],
    marks: [] as [number, readonly string[]][],
    copy: [] as [number, number][],
    call: [] as [number, number][],
    statement: [] as [number, number][],
    target: [] as [number, string][],
    database: [] as number[],
    generative: [] as number[],
    missing_parent: [] as [number, string][],
  };
  let spanIds = '';
  for (const [place, span] of tree.spans.entries()) {
    const { record, marks } = span;
    spanIds += record.spanId;
    columns.name.push(texts.add(record.name));
    columns.service.push(serviceAt.get(record.service) ?? 0);
    columns.kind.push(texts.add(record.kind || 'unspecified'));
    columns.parent.push(span.parent);
    columns.offset.push(Math.round(span.offset));
    columns.duration.push(Math.round(record.duration));
    const shift = Math.round(span.shift);
    if (record.error) columns.errors.push(place);
    if (shift !== 0) columns.shift.push([place, shift]);
    if (record.statusMessage !== '') columns.status_message.push([place, record.statusMessage]);
    if (record.statusCode !== '' && (record.error || span.parent < 0)) {
      columns.status_code.push([place, record.statusCode]);
    }
    if (record.problem !== '' && record.error) columns.problem.push([place, record.problem]);
    if (record.route !== '' && span.parent < 0) columns.route.push([place, record.route]);
    if (record.call > 0) columns.call.push([place, calls.add(record.call) + 1]);
    if (record.statement > 0) columns.statement.push([place, statements.add(record.statement) + 1]);
    if (record.target !== '') columns.target.push([place, record.target]);
    if (record.database) columns.database.push(place);
    if (record.generative) columns.generative.push(place);
    if (record.links > 0) columns.links.push([place, record.links]);
    const copy = copies.get(span);
    if (copy !== undefined) columns.copy.push([place, copy]);
    if (marks.length === 0) continue;
    columns.marks.push([place, marks]);
    if (marks.includes('missing_parent')) columns.missing_parent.push([place, record.parentId]);
  }
  return {
    trace_id: traceId,
    start: rfc3339(tree.start),
    start_ns: tree.start.toString(),
    duration_ns: tree.duration,
    ...(tree.sampleRate !== undefined && { sample_rate: tree.sampleRate }),
    services,
    arrival: tree.arrival,
    span_ids: spanIds,
    ...columns,
    lost: [],
    events: { place: [], offset: [], name: [] },
    texts: texts.list,
  };
}

/** Spans and errors of each service, in the order of their first span. */
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

/** Numbers spans that share an id in the order of arrival, as `?copy=` takes it. */
function copyNumbers({ spans }: TraceTree): ReadonlyMap<PlacedSpan, number> {
  const [known, shared] = [new Set<string>(), new Set<string>()];
  for (const { record } of spans) (known.has(record.spanId) ? shared : known).add(record.spanId);
  const counts = new Map<string, number>();
  const numbers = new Map<PlacedSpan, number>();
  const sharing = spans.filter(({ record }) => shared.has(record.spanId));
  for (const span of sharing.sort((a, b) => a.record.sequence - b.record.sequence)) {
    const copy = counts.get(span.record.spanId) ?? 0;
    numbers.set(span, copy);
    counts.set(span.record.spanId, copy + 1);
  }
  return numbers;
}
