import { spansOf } from '@tandem/otlp/testing';

/** The errors in the exported trees. */
export interface TreeCheck {
  readonly spans: number;
  readonly traces: number;
  /** Spans whose parent was never exported in their trace. */
  readonly orphans: number;
  /** Traces with no root, or more than one. */
  readonly brokenTraces: number;
  /** The number of traces with so many spans, by that number of spans. */
  readonly sizes: Readonly<Record<number, number>>;
}

/** Puts exported spans together by trace, from the bytes. */
export function checkTrees(bodies: readonly Uint8Array[]): TreeCheck {
  const traces = new Map<string, { ids: Set<string>; parents: string[] }>();
  let spans = 0;
  for (const body of bodies) {
    for (const span of spansOf(body)) {
      spans++;
      const trace = traces.get(span.traceId) ?? { ids: new Set(), parents: [] };
      traces.set(span.traceId, trace);
      trace.ids.add(span.spanId);
      trace.parents.push(span.parentSpanId);
    }
  }
  let orphans = 0;
  let brokenTraces = 0;
  const sizes: Record<number, number> = {};
  for (const { ids, parents } of traces.values()) {
    orphans += parents.filter((parent) => parent !== '' && !ids.has(parent)).length;
    if (parents.filter((parent) => parent === '').length !== 1) brokenTraces++;
    sizes[parents.length] = (sizes[parents.length] ?? 0) + 1;
  }
  return { spans, traces: traces.size, orphans, brokenTraces, sizes };
}
