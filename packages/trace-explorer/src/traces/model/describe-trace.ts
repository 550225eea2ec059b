import { describeFindings } from '../findings/describe-findings.ts';
import { rfc3339 } from '../read/rfc3339.ts';
import type { CriticalPath } from './critical-path.ts';
import { criticalPathOf } from './critical-path.ts';
import type { TraceModel } from './trace-model.ts';

/** A trace as JSON with a row per span. The terminal draws it, and `trace --json` writes it. */
export type TraceDescription = ReturnType<typeof describeTrace>;

/** Describes a trace with its first `limit` spans in depth-first order. Times are in milliseconds. */
export function describeTrace(model: TraceModel, limit = model.count) {
  const path = criticalPathOf(model);
  const shown = Math.min(limit, model.count);
  return {
    trace_id: model.traceId,
    start: rfc3339(model.start),
    start_ns: model.start.toString(),
    duration_ms: model.duration / 1e6,
    ...(model.sampleRate !== undefined && { sample_rate: model.sampleRate }),
    spans_total: model.count,
    errors: model.errors.length,
    services: model.services,
    findings: describeFindings(model),
    spans: Array.from({ length: shown }, (_, place) => describeSpan(model, path, place)),
  };
}

/** One span of a trace. Members without information are left out. */
export function describeSpan(model: TraceModel, path: CriticalPath, place: number) {
  const parent = model.parent[place] ?? -1;
  const [offset, shift] = [model.offset[place] ?? 0, model.shift(place)];
  const isError = model.error[place] === 1;
  const [message, copy, marks] = [model.statusMessage(place), model.copy(place), model.marks(place)];
  const [children = 0, links] = [model.children[place], model.links(place)];
  const errorsBelow = (model.errorsWithin[place] ?? 0) - (isError ? 1 : 0);
  const events = model.events.get(place)?.length;
  return {
    /** Place in the depth-first list. */
    place,
    /** Place of the parent, -1 for a root. */
    parent,
    span_id: model.spanId(place),
    /** The parent's id; empty for a root. */
    parent_id: parent < 0 ? (model.missingParent(place) ?? '') : model.spanId(parent),
    name: model.name(place),
    service: model.service(place),
    kind: model.kind(place),
    depth: model.depth[place] ?? 0,
    ...(children > 0 && { children, descendants: (model.end[place] ?? 0) - place - 1 }),
    ...(errorsBelow > 0 && { errors_below: errorsBelow }),
    /** From the trace's start, after the clock shift. */
    offset_ms: offset / 1e6,
    duration_ms: (model.length[place] ?? 0) / 1e6,
    /** How long the trace waited for this span itself. */
    critical_ms: path.time(place) / 1e6,
    /** Start as sent, nanoseconds since the epoch. */
    start_ns: (model.start + BigInt(offset - shift)).toString(),
    /** Correction of the clock. */
    ...(shift !== 0 && { shift_ms: shift / 1e6 }),
    ...(isError && { error: true }),
    ...(message !== undefined && { status_message: message }),
    ...(events !== undefined && { events }),
    ...(links > 0 && { links }),
    /** Distinguishes spans with the same id. */
    ...(copy !== undefined && { copy }),
    /** Oddities of the span. */
    ...(marks.length > 0 && { marks }),
  };
}
