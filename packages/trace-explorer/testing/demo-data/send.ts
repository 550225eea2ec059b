import { gzipSync } from 'node:zlib';
import { encodeLogs, encodeTraces } from '@tandem/otlp';
import { decoded, decodedLogs } from '@tandem/otlp/testing';
import type { DemoTrace } from './index.ts';

const ITEMS_PER_REQUEST = 2000;

/** What is sent with one request. */
export interface DemoBody {
  readonly path: 'v1/traces' | 'v1/logs';
  readonly body: Uint8Array<ArrayBuffer>;
  readonly spans: number;
  readonly logs: number;
  readonly traces: number;
}

/** OTLP/HTTP bodies in protobuf, gzipped: of whole traces each, and after them of their log records. */
export function* demoBodies(traces: Iterable<DemoTrace>): Generator<DemoBody> {
  let waiting: DemoTrace[] = [];
  let items = 0;
  for (const trace of traces) {
    waiting.push(trace);
    items += trace.spans.length;
    if (items < ITEMS_PER_REQUEST) continue;
    yield* bodiesOf(waiting);
    waiting = [];
    items = 0;
  }
  if (waiting.length > 0) yield* bodiesOf(waiting);
}

function* bodiesOf(traces: readonly DemoTrace[]): Generator<DemoBody> {
  const zipped = (body: Uint8Array) => gzipSync(body, { level: 1 });
  const spans = traces.flatMap((trace) => trace.spans);
  const logs = traces.flatMap((trace) => trace.logs);
  if (spans.length > 0) {
    const count = traces.filter((trace) => trace.spans.length > 0).length;
    const body = zipped(encodeTraces(decoded(spans)));
    yield { path: 'v1/traces', body, spans: spans.length, logs: 0, traces: count };
  }
  if (logs.length > 0) {
    const body = zipped(encodeLogs(decodedLogs(logs)));
    yield { path: 'v1/logs', body, spans: 0, logs: logs.length, traces: 0 };
  }
}
