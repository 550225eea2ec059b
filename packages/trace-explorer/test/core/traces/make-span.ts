import { findingsOf } from '../../../src/core/traces/findings/rules.ts';
import { criticalPathOf } from '../../../src/core/traces/model/critical-path.ts';
import type { SpanFacts } from '../../../src/core/traces/model/span-facts.ts';
import { FACTS } from '../../../src/core/traces/model/span-facts.ts';
import { buildModel, shapeOf } from '../../../src/core/traces/model/trace-model.ts';
import type { SpanRecord } from '../../../src/core/traces/read/span-record.ts';
import { outlineTree } from '../../../src/core/traces/tree/outline-tree.ts';
import type { TraceTree } from '../../../src/core/traces/tree/tree.ts';
import { buildTree } from '../../../src/core/traces/tree/tree.ts';

const epoch = 1_790_000_000_000_000_000n;
let sequence = 0;
const NO_FACTS = Object.fromEntries(
  FACTS.map(([name, { type }]) => [name, { text: '', flag: false, number: 0, key: 0 }[type]]),
) as unknown as SpanFacts;

/** A record with times in milliseconds after a fixed moment; `end` before `start` is what a broken clock sends. */
export function span(
  spanId: string,
  parentId: string,
  startMs: number,
  endMs: number,
  more: Partial<SpanRecord> = {},
): SpanRecord {
  sequence += 1;
  return {
    traceId: 't',
    spanId,
    parentId,
    name: spanId,
    service: 'api',
    kind: 'internal',
    start: epoch + BigInt(Math.round(startMs * 1e6)),
    duration: Math.max(0, endMs - startMs) * 1e6,
    endBeforeStart: endMs < startMs,
    endIsFar: false,
    host: 'one',
    hostKnown: true,
    error: false,
    ...NO_FACTS,
    events: 0,
    sequence,
    received: epoch + 60_000_000_000n,
    sampleRate: 1,
    ...more,
  };
}

/** A CLIENT span. */
export const client: typeof span = (spanId, parentId, startMs, endMs, more) =>
  span(spanId, parentId, startMs, endMs, { kind: 'client', ...more });

/** A SERVER span. */
export const server: typeof span = (spanId, parentId, startMs, endMs, more) =>
  span(spanId, parentId, startMs, endMs, { kind: 'server', ...more });

/** The spans of a tree with where they stand; times in milliseconds. */
export function placed({ spans }: TraceTree) {
  const parent = Int32Array.from(spans, (span) => span.parent);
  const offset = Float64Array.from(spans, (span) => span.offset);
  const length = Float64Array.from(spans, ({ record }) => record.duration);
  const error = Uint8Array.from(spans, ({ record }) => Number(record.error));
  const shape = shapeOf(parent, offset, length, error);
  const path = criticalPathOf({ parent, offset, length });
  return spans.map(({ record, marks }, place) => ({
    span_id: record.spanId,
    parent: parent[place],
    depth: shape.depth[place] ?? 0,
    children: shape.children[place],
    descendants: (shape.end[place] ?? 0) - place - 1,
    errors_within: shape.errorsWithin[place],
    offset_ms: (offset[place] ?? 0) / 1e6,
    critical_ms: path.time(place) / 1e6,
    marks,
  }));
}

/** The model of a trace of these spans. */
export function modelOf(records: readonly SpanRecord[]) {
  return buildModel(outlineTree('t', buildTree(records)));
}

/** What is wrong with the trace of a tree. */
export function findingsIn(tree: TraceTree) {
  return findingsOf(buildModel(outlineTree('t', tree)));
}

/** What is wrong with a trace of these spans: `rule: sentence`. */
export function sentences(records: readonly SpanRecord[]): readonly string[] {
  return findingsIn(buildTree(records)).map(({ rule, sentence }) => `${rule}: ${sentence}`);
}
