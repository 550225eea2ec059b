import { traceIdField } from '../../shared/trace-id.ts';
import type { AgentRecord } from '../../traces/model/agent-steps.ts';
import type { Call } from '../../traces/model/call.ts';
import { GENERATIVE_FIELDS } from '../../traces/model/generative-fields.ts';
import { usageOf } from '../../traces/model/usage.ts';
import type { KeyValue } from '../values/any-value.ts';
import { plainAttributes, plainValue } from '../values/any-value.ts';
import type { OtlpForm, OtlpLogForm } from '../values/otlp-form.ts';
import { readConversation } from './read-conversation.ts';

/** A trace, or parts of one, as OTLP JSON. */
export type TraceDocument = OtlpForm & OtlpLogForm;

interface Attributes {
  readonly attributes?: readonly KeyValue[];
}

/** The first of some fields that a document has, and its value. */
export function firstOfFields(
  documents: readonly TraceDocument[],
  names: readonly string[],
): readonly [name: string, value: string] | undefined {
  const all = documents.flatMap((document) =>
    [...spansOf(document), ...logsOf(document).map(({ log, resource }) => ({ span: log, resource }))].map(
      ({ span, resource }) => plainAttributes([...(resource.attributes ?? []), ...(span.attributes ?? [])]),
    ),
  );
  for (const name of names) {
    const value = all.find((attributes) => Object.hasOwn(attributes, name) && attributes[name] !== '')?.[
      name
    ];
    if (value !== undefined) return [name, String(value)];
  }
  return undefined;
}

/** The log records of a trace. */
export function recordsIn(document: TraceDocument): AgentRecord[] {
  return logsOf(document).map(({ log, resource }) => ({
    service: serviceOf(resource),
    event_name: log.eventName ?? '',
    body: String(plainValue(log.body)),
    trace_id: traceIdField(log.traceId ?? ''),
    time_ns: log.timeUnixNano ?? '0',
    attributes: plainAttributes(log.attributes ?? []),
  }));
}

/** Fields with the id of a request or of a tool's call. */
const IDS = [
  'request_id',
  'tool_use_id',
  'gen_ai.tool.call.id',
  'gen_ai.response.id',
  'ai.toolCall.id',
  'call_id',
];

/** The calls of models and of tools in a trace. */
export function callsIn(document: TraceDocument): readonly Call[] {
  const spans = spansOf(document);
  const logs = Map.groupBy(
    logsOf(document)
      .map(({ log }) => log)
      .filter(({ eventName = '' }) => eventName.startsWith('gen_ai.')),
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
    const own = plainAttributes(span.attributes ?? []);
    const tool = own['gen_ai.tool.name'] ?? own['ai.toolCall.name'] ?? own.tool_name;
    const records = logs.get(span.spanId ?? '') ?? [];
    const read = readConversation(span, records);
    return {
      ...read,
      traceId: traceIdField(span.traceId ?? ''),
      spanId: span.spanId ?? '',
      name: span.name ?? '',
      service: serviceOf(resource),
      failed: span.status?.code === 2 || span.status?.code === 'STATUS_CODE_ERROR' || own.success === false,
      problem: span.status?.message || (own.error === undefined ? undefined : String(own.error)),
      attempt: Number(own.attempt) || undefined,
      tool: tool === undefined ? undefined : String(tool),
      ids: IDS.flatMap((name) => (Object.hasOwn(own, name) ? String(own[name]) : [])),
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

function logsOf({ resourceLogs = [] }: TraceDocument) {
  return resourceLogs.flatMap(({ resource = {}, scopeLogs = [] }) =>
    scopeLogs.flatMap(({ logRecords = [] }) => logRecords.map((log) => ({ log, resource }))),
  );
}

function serviceOf({ attributes = [] }: Attributes): string {
  return String(plainAttributes(attributes)['service.name'] ?? '');
}

function isCall({ attributes = [] }: Attributes): boolean {
  return attributes.some(
    ({ key, value }) =>
      GENERATIVE_FIELDS.includes(key) ||
      (key === 'openinference.span.kind' && value?.stringValue === 'LLM') ||
      (key === 'mlflow.spanType' && /^"?(?:LLM|CHAT_MODEL)"?$/.test(value?.stringValue ?? '')) ||
      key === 'ai.toolCall.name' ||
      (key === 'span.type' && value?.stringValue === 'tool'), // Claude Code's
  );
}
