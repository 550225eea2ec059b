import { traceIdField } from '../../shared/trace-id.ts';
import { GENERATIVE_FIELDS } from '../../traces/model/generative-fields.ts';
import type { KeyValue } from '../values/any-value.ts';
import { plainAttributes, plainValue } from '../values/any-value.ts';
import type { Call } from './conversation.ts';
import { readConversation } from './read-conversation.ts';
import { usageOf } from './usage.ts';

interface Attributes {
  readonly attributes?: readonly KeyValue[];
}

interface Span extends Attributes {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly status?: { readonly code?: number | string };
}

interface Log extends Attributes {
  readonly spanId?: string;
  readonly eventName?: string;
}

const NO_ATTRIBUTES: Attributes = {};

/** A trace as OTLP JSON, as the explorer exports it. */
export interface TraceDocument {
  readonly resourceSpans?: readonly {
    readonly resource?: Attributes;
    readonly scopeSpans?: readonly { readonly spans?: readonly Span[] }[];
  }[];
  readonly resourceLogs?: readonly {
    readonly scopeLogs?: readonly { readonly logRecords?: readonly Log[] }[];
  }[];
}

/** Fields that join traces into one conversation, the surest first. */
const JOINING = ['gen_ai.conversation.id', 'session.id'] as const;

/** The field and value that join this trace with others; undefined when the trace has none. */
export function joiningField(document: TraceDocument): { column: string; value: string } | undefined {
  const all = [
    ...spansOf(document),
    ...logsOf(document).map((span) => ({ span, resource: NO_ATTRIBUTES })),
  ].map(({ span, resource }) =>
    plainAttributes([...(resource.attributes ?? []), ...(span.attributes ?? [])]),
  );
  for (const column of JOINING) {
    const value = all.find((attributes) => Object.hasOwn(attributes, column))?.[column];
    if (value !== undefined && value !== '') return { column, value: String(value) };
  }
  return undefined;
}

/** The calls of models and of tools in a trace. */
export function callsIn(document: TraceDocument): readonly Call[] {
  const spans = spansOf(document);
  const logs = Map.groupBy(
    logsOf(document).filter(({ eventName = '' }) => eventName.startsWith('gen_ai.')),
    ({ spanId = '' }) => spanId,
  );
  const calls = spans.filter(({ span }) => isCall(span));
  const parents = new Map(spans.map(({ span }) => [span.spanId, span.parentSpanId]));
  const called = new Set(calls.map(({ span }) => span.spanId));
  const outer = new Set<string>();
  for (const { span } of calls) {
    // Each span is visited once: the spans above a known span are known.
    const seen = new Set<string>();
    for (let above = span.parentSpanId; above && !seen.has(above); above = parents.get(above)) {
      seen.add(above);
      if (outer.has(above)) break;
      if (called.has(above)) outer.add(above);
    }
  }
  return calls.map(({ span, resource }) => {
    const records = logs.get(span.spanId ?? '') ?? [];
    const read = readConversation(
      [
        ...records.map((log) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [log] }] }] })),
        { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] },
      ],
      { plainAttributes, plainValue },
    );
    return {
      ...read,
      traceId: traceIdField(span.traceId ?? ''),
      spanId: span.spanId ?? '',
      name: span.name ?? '',
      service: String(plainAttributes(resource.attributes ?? [])['service.name'] ?? ''),
      failed: span.status?.code === 2 || span.status?.code === 'STATUS_CODE_ERROR',
      start: Number(span.startTimeUnixNano ?? 0) / 1e6,
      end: Number(span.endTimeUnixNano ?? 0) / 1e6,
      hasCalls: outer.has(span.spanId ?? ''),
      usage: usageOf(read.facts),
    };
  });
}

function spansOf({ resourceSpans = [] }: TraceDocument) {
  return resourceSpans.flatMap(({ resource = {}, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => ({ span, resource }))),
  );
}

function logsOf({ resourceLogs = [] }: TraceDocument): readonly Log[] {
  return resourceLogs.flatMap(({ scopeLogs = [] }) => scopeLogs.flatMap(({ logRecords = [] }) => logRecords));
}

function isCall({ attributes = [] }: Span): boolean {
  return attributes.some(
    ({ key, value }) =>
      GENERATIVE_FIELDS.includes(key) || (key === 'openinference.span.kind' && value?.stringValue === 'LLM'),
  );
}
