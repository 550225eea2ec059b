import type { AgentRecord } from '../../../../core/traces/model/agents/agent-steps.ts';
import { GENERATIVE_FIELDS } from '../../../../core/traces/model/agents/generative-fields.ts';
import { isRefusal, TOOL_FIELDS, unsaidTool } from '../../../../core/traces/model/agents/tool-of.ts';
import { isCounted, usageOf } from '../../../../core/traces/model/agents/usage.ts';
import type { Call } from '../../../../core/traces/model/call.ts';
import { plainText } from '../../../../lib/text/plain-text.ts';
import { traceIdField } from '../../../../lib/trace-id.ts';
import { plainAttributes, valueText } from '../../../../page/values/any-value.ts';
import type {
  Attributed,
  OtlpForm,
  OtlpLogForm,
  OtlpLogRecord,
  OtlpSpan,
} from '../../../../page/values/otlp-form.ts';
import { readConversation } from './read-conversation.ts';

/** A trace, or parts of one, as OTLP JSON. */
export type TraceDocument = OtlpForm & OtlpLogForm;

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
    if (value !== undefined) return [name, plainText(value)];
  }
  return undefined;
}

/** The log records of a trace. */
export function recordsIn(document: TraceDocument): AgentRecord[] {
  return logsOf(document).map(({ log, resource }) => ({
    service: serviceOf(resource),
    event_name: log.eventName ?? '',
    body: valueText(log.body),
    trace_id: traceIdField(log.traceId ?? ''),
    time_ns: log.timeUnixNano ?? '0',
    attributes: plainAttributes(log.attributes ?? []),
  }));
}

const IDS = [
  'request_id',
  'tool_use_id',
  'gen_ai.tool.call.id',
  'gen_ai.response.id',
  'ai.toolCall.id',
  'call_id',
];

/**
 * The calls of models and of tools in a trace. An agent's span repeats the tokens of its calls; what a tool asks is no part of the
 * call that asked for the tool:
 *
 *     invoke_agent        150 tokens, hasCalls
 *     ├─ chat             100 tokens
 *     │  └─ search        the tool that it asked for
 *     │     └─ chat       7 tokens: of the tool
 *     └─ chat              50 tokens
 *
 * @param parents the parent of each span by their ids, also of spans that the document leaves out
 */
export function callsIn(
  document: TraceDocument,
  parents: ReadonlyMap<string, string> = new Map(
    spansOf(document).map(({ span }) => [span.spanId ?? '', span.parentSpanId ?? '']),
  ),
): readonly Call[] {
  const logs = Map.groupBy(
    logsOf(document)
      .map(({ log }) => log)
      .filter(({ eventName = '' }) => eventName.startsWith('gen_ai.')),
    ({ spanId = '' }) => spanId,
  );
  const calls = spansOf(document).flatMap(({ span, resource }) =>
    isCall(span) ? callOf(span, resource, logs.get(span.spanId ?? '') ?? []) : [],
  );
  const tools = new Set(calls.flatMap(({ tool, spanId }) => (tool === undefined ? [] : spanId)));
  /** Spans above calls of models that tell their tokens, and above others. */
  const [counted, others] = [new Set<string>(), new Set<string>()];
  for (const { spanId, tool, usage } of calls) {
    if (tool !== undefined) continue;
    const above = isCounted(usage) ? counted : others;
    // What a tool asks a model is no part of the call that asked for the tool.
    for (
      let up = parents.get(spanId);
      up && up !== spanId && !above.has(up);
      up = tools.has(up) ? undefined : parents.get(up)
    )
      above.add(up);
  }
  // An agent repeats the tokens of its calls; it tells them alone where they tell none.
  const isAbove = ({ spanId, usage }: Call) =>
    counted.has(spanId) || (!isCounted(usage) && others.has(spanId));
  return calls.map((call) => ({ ...call, hasCalls: isAbove(call) }));
}

function callOf(span: OtlpSpan, resource: Attributed, records: readonly OtlpLogRecord[]): Call {
  const own = plainAttributes(span.attributes ?? []);
  const named = TOOL_FIELDS.map((field) => own[field]).find((value) => value !== undefined);
  const tool = named === undefined ? undefined : plainText(named);
  const name = span.name ?? '';
  const read = readConversation(span, records);
  const isError = span.status?.code === 2 || span.status?.code === 'STATUS_CODE_ERROR';
  return {
    ...read,
    traceId: traceIdField(span.traceId ?? ''),
    spanId: span.spanId ?? '',
    name: [name, unsaidTool(name, tool)].filter(Boolean).join(' '),
    service: serviceOf(resource),
    failed: !isRefusal(plainText(own.decision)) && (isError || own.success === false),
    problem: span.status?.message || (own.error === undefined ? undefined : plainText(own.error)),
    attempt: Number(plainText(own.attempt)) || undefined,
    tool,
    ids: IDS.flatMap((name) => (Object.hasOwn(own, name) ? plainText(own[name]) : [])),
    start: Number(span.startTimeUnixNano ?? 0) / 1e6,
    end: Number(span.endTimeUnixNano ?? 0) / 1e6,
    hasCalls: false,
    usage: usageOf(read.facts),
  };
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

function serviceOf({ attributes = [] }: Attributed): string {
  return plainText(plainAttributes(attributes)['service.name'] ?? '');
}

function isCall({ attributes = [] }: Attributed): boolean {
  return attributes.some(
    ({ key, value }) =>
      GENERATIVE_FIELDS.includes(key) ||
      (key === 'openinference.span.kind' && value?.stringValue === 'LLM') ||
      (key === 'mlflow.spanType' && /^"?(?:LLM|CHAT_MODEL)"?$/.test(value?.stringValue ?? '')) ||
      key === 'ai.toolCall.name' ||
      (key === 'span.type' && value?.stringValue === 'tool'), // Claude Code's
  );
}
