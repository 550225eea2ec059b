import { rfc3339 } from '../../../lib/time/rfc3339.ts';
import { callParts } from '../model/call-parts.ts';
import type { CriticalPath } from '../model/critical-path.ts';
import { criticalPathOf } from '../model/critical-path.ts';
import type { LinkedSpan, ToldFinding } from '../model/outline.ts';
import { SPAN_FACTS } from '../model/span-facts.ts';
import { movedTimes } from '../model/stalls.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { Wait } from '../model/waits.ts';
import { linkWait } from '../model/waits.ts';

/** A trace as JSON with a row per span. The terminal draws it, and `trace --json` writes it. */
export type TraceDescription = ReturnType<typeof describeTrace>;

/**
 * Describes a trace with some of its spans in depth-first order. Times are in milliseconds.
 * @param findings of its outline
 */
export function describeTrace(
  model: TraceModel,
  findings: readonly ToldFinding[],
  { from = 0, until = model.count } = {},
) {
  const path = criticalPathOf(model, movedTimes(model));
  const shown = Math.max(0, Math.min(until, model.count) - from);
  return {
    trace_id: model.traceId,
    start: rfc3339(model.start),
    start_ns: model.start.toString(),
    duration_ms: model.duration / 1e6,
    ...(model.sampleRate !== undefined && { sample_rate: model.sampleRate }),
    spans_total: model.count,
    errors: model.errors.length,
    services: model.services,
    findings: describeFindings(model, findings),
    spans: Array.from({ length: shown }, (_, at) => describeSpan(model, path, from + at)),
  };
}

/** One span of a trace. It has no member without information. */
function describeSpan(model: TraceModel, path: CriticalPath, index: number) {
  const parent = model.parent[index] ?? -1;
  const [offset, shift] = [model.offset[index] ?? 0, model.shift(index)];
  const isError = model.error[index] === 1;
  const [message, copy, marks] = [model.statusMessage(index), model.copy(index), model.marks(index)];
  const [children = 0, links] = [model.children[index], model.links(index)];
  const [linked, wait] = [model.linkedTo(index), model.wait(index)];
  const errorsBelow = (model.errorsWithin[index] ?? 0) - (isError ? 1 : 0);
  const events = model.events.get(index)?.length;
  const line = model.line(index);
  const [before, parts] = [model.stalledBefore(index), callParts(model, index)];
  return {
    /** Index in the depth-first list. */
    index,
    /** Index of the parent, -1 for a root. */
    parent,
    span_id: model.spanId(index),
    /** The parent's id; empty for a root. */
    parent_id: parent < 0 ? (model.missingParent(index) ?? '') : model.spanId(parent),
    name: model.name(index),
    service: model.service(index),
    kind: model.kind(index),
    depth: model.depth[index] ?? 0,
    ...(children > 0 && { children, descendants: (model.end[index] ?? 0) - index - 1 }),
    ...(errorsBelow > 0 && { errors_below: errorsBelow }),
    /** From the trace's start, after the clock shift. */
    offset_ms: offset / 1e6,
    duration_ms: (model.length[index] ?? 0) / 1e6,
    /** How long the trace waited for this span itself. */
    critical_ms: path.time(index) / 1e6,
    /** Start as sent, nanoseconds since the epoch. */
    start_ns: (model.start + BigInt(offset - shift)).toString(),
    ...(shift !== 0 && { shift_ms: shift / 1e6 }),
    ...(isError && { error: true }),
    ...(message !== undefined && { status_message: message }),
    ...(line !== undefined && { line }),
    ...(events !== undefined && { events }),
    ...(links > 0 && { links }),
    ...(linked.length > 0 && { linked_total: linked.length, linked: describeLinked(model, linked) }),
    ...(wait !== undefined && { ...describeWait(wait) }),
    /** How long the span's process stood still during it, and before it could begin. */
    ...(model.stalled(index) > 0 && { stalled_ms: model.stalled(index) }),
    ...(before > 0 && { stalled_before_ms: before }),
    ...(parts.length > 0 && {
      parts: Object.fromEntries(parts.map(({ name, ms }) => [SPAN_FACTS[name].as, ms])),
    }),
    /** Distinguishes spans with the same id. */
    ...(copy !== undefined && { copy }),
    ...(marks.length > 0 && { marks }),
  };
}

/** Most linked spans of one span. */
const MOST_LINKED = 20;

/** Spans of other traces at the other ends of a span's links. */
function describeLinked(model: TraceModel, linked: readonly LinkedSpan[]) {
  return linked.slice(0, MOST_LINKED).map((each) => {
    const { side, trace_id, span_id, span } = each;
    const wait = linkWait(model, each);
    return {
      /** `before`: the other span was there before this one. `after`: the other span links to this one. */
      side,
      trace_id,
      span_id,
      ...(span && {
        name: span.name,
        service: span.service,
        offset_ms: span.offset / 1e6,
        duration_ms: span.duration / 1e6,
        ...(span.error && { error: true }),
      }),
      ...(wait && describeWait(wait)),
    };
  });
}

/** How long a message waited, and in which queue. */
function describeWait({ from, until, queue }: Wait) {
  return { waited_ms: (until - from) / 1e6, ...(queue !== undefined && { queue }) };
}

/** Most spans that a finding names. A number stands for further spans. */
const MOST_SPANS = 100;

/** The findings of a trace as JSON. */
function describeFindings(model: TraceModel, findings: readonly ToldFinding[]) {
  return findings.map((finding) => ({
    rule: finding.rule,
    sentence: finding.sentence,
    /** The message of the exception behind the fault. */
    ...(finding.exception !== undefined && { exception: finding.exception }),
    advice: finding.advice,
    ...(finding.fact && { fact: true }),
    ...finding.place,
    /** The number of spans at fault, and the first of them. */
    spans: finding.spans.length,
    span_ids: finding.spans.slice(0, MOST_SPANS).map((index) => model.ref(index)),
  }));
}
