import type { LinkedSpan } from '../../../../core/traces/model/outline.ts';
import { FACTS } from '../../../../core/traces/model/span-facts.ts';
import type { SpanMark, TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { shapeOf } from '../../../../core/traces/model/trace-model.ts';
import { linkWait } from '../../../../core/traces/model/waits.ts';

/** A row: a span of the trace, or a linked span of another trace. */
interface Row {
  readonly own: number;
  readonly parent: number;
  readonly linked?: LinkedSpan;
}

/**
 * The trace with the linked spans of other traces below the spans that they are linked with, on one time axis, which
 * begins with the earliest of them. A linked span has no spans below it: its own trace shows them.
 */
export function withLinked(model: TraceModel): TraceModel {
  if (model.linked.length === 0 || model.comparison !== undefined) return model;
  const rows = rowsOf(model);
  const linkedAt = (index: number) => rows[index]?.linked;
  const ownAt = (index: number) => (linkedAt(index) === undefined ? (rows[index]?.own ?? -1) : -1);
  const placed = new Map<number, number>();
  for (const [index, row] of rows.entries()) if (row.linked === undefined) placed.set(row.own, index);
  const early = Math.min(0, ...model.linked.map(({ span }) => span?.offset ?? 0));
  const numbers = (own: (at: number) => number | undefined, linked: (each: LinkedSpan) => number) =>
    Float64Array.from(rows, (row) => (row.linked === undefined ? (own(row.own) ?? 0) : linked(row.linked)));
  const parent = Int32Array.from(rows, (row) => row.parent);
  const offset = numbers(
    (at) => (model.offset[at] ?? 0) - early,
    ({ at, span }) => (span?.offset ?? model.offset[at] ?? 0) - early,
  );
  const length = numbers(
    (at) => model.length[at],
    ({ span }) => span?.duration ?? 0,
  );
  const error = Uint8Array.from(rows, (row) =>
    row.linked === undefined ? (model.error[row.own] ?? 0) : Number(row.linked.span?.error ?? false),
  );
  const read =
    <T>(own: (at: number) => T, linked: (each: LinkedSpan) => T) =>
    (index: number) => {
      const each = linkedAt(index);
      return each === undefined ? own(rows[index]?.own ?? -1) : linked(each);
    };
  const facts = FACTS.map(([name, { type }]) => {
    const absent = { text: undefined, number: 0, key: 0, flag: false }[type];
    return [name, read<unknown>(model[name], ({ span }) => (name === 'queue' ? span?.queue : absent))];
  });
  const moved = ({ from, until, queue }: NonNullable<ReturnType<TraceModel['wait']>>) => ({
    from: from - early,
    until: until - early,
    queue,
  });
  const wait = read(model.wait, (each) => linkWait(model, each));
  // Several spans may have a link to the same span, whose id then names several rows.
  const refs = new Map<string, number>();
  const refOf = new Map<number, string>();
  for (const [index, { linked }] of rows.entries()) {
    if (linked === undefined) continue;
    const isTaken = refs.has(linked.span_id) || model.indexOf(linked.span_id) >= 0;
    const ref = isTaken ? `${linked.span_id}.${index}` : linked.span_id;
    refs.set(ref, index);
    refOf.set(index, ref);
  }
  return {
    ...model,
    start: model.start + BigInt(early),
    ...shapeOf(parent, offset, length, error),
    events: eventsOf(model, placed, early),
    ...(Object.fromEntries(facts) as Pick<TraceModel, (typeof FACTS)[number][0]>),
    name: read(model.name, ({ span, span_id }) => span?.name ?? `span ${span_id}`),
    service: read(model.service, ({ span }) => span?.service ?? ''),
    kind: read(model.kind, ({ span }) => span?.kind ?? 'unspecified'),
    spanId: read(model.spanId, ({ span_id }) => span_id),
    marks: read(model.marks, ({ span }) => (span === undefined ? NOT_STORED : [])),
    marked: (mark) => model.marked(mark).map((at) => placed.get(at) ?? -1),
    lost: read(model.lost, () => undefined),
    missingParent: read(model.missingParent, () => undefined),
    copy: read(model.copy, () => undefined),
    shift: read(model.shift, () => 0),
    wait: (index) => {
      const found = wait(index);
      return found && moved(found);
    },
    linkedTo: read(model.linkedTo, () => []),
    own: model,
    traceOf: read(model.traceOf, ({ trace_id }) => trace_id),
    source: ownAt,
    ref: (index) => refOf.get(index) ?? model.ref(rows[index]?.own ?? -1),
    indexOf: (ref) => placed.get(model.indexOf(ref)) ?? refs.get(ref) ?? -1,
  };
}

const NOT_STORED = ['not_stored'];

function rowsOf(model: TraceModel): Row[] {
  const rows: Row[] = [];
  const placed = new Int32Array(model.count);
  for (let own = 0; own < model.count; own++) {
    const above = model.parent[own] ?? -1;
    placed[own] = rows.push({ own, parent: above < 0 ? -1 : (placed[above] ?? -1) }) - 1;
    for (const each of model.linkedTo(own)) rows.push({ own, parent: placed[own] ?? -1, linked: each });
  }
  return rows;
}

function eventsOf({ events }: TraceModel, placed: ReadonlyMap<number, number>, early: number) {
  const move = (marks: readonly SpanMark[]) =>
    marks.map((mark) => ({ ...mark, offset: mark.offset - early }));
  return new Map([...events].map(([at, marks]) => [placed.get(at) ?? -1, move(marks)]));
}
