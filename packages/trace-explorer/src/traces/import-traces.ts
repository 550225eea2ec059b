import { problems } from '../errors.ts';
import { decodeJson } from '../otlp/decode-json.ts';
import { UndecodableError } from '../otlp/errors.ts';
import type { SpanStore } from '../store/types.ts';

export interface Imported {
  readonly spans: number;
  readonly rejected: number;
  /** Why spans were rejected; empty when none was. */
  readonly rejected_reason: string;
  readonly trace_ids: readonly string[];
}

/** Trace ids named in the answer; a file may hold any number. */
const maxTraceIds = 1000;

/** Stores the spans of an OTLP JSON export request, as the receiver would. */
export async function importTraces(store: SpanStore, body: Uint8Array): Promise<Imported> {
  const traces = decode(body);
  const traceIds = new Set<string>();
  for (const { spans } of traces.scopeSpans) for (const { traceId } of spans) traceIds.add(traceId);
  const { spans } = traces.spanCount === 0 ? { spans: 0 } : await store.write(traces);
  return {
    spans,
    rejected: traces.rejectedCount,
    rejected_reason: traces.rejectedReason,
    trace_ids: [...traceIds].slice(0, maxTraceIds),
  };
}

function decode(body: Uint8Array) {
  try {
    return decodeJson(body);
  } catch (error) {
    if (error instanceof UndecodableError) throw problems.UNDECODABLE({ detail: error.message });
    throw error;
  }
}
