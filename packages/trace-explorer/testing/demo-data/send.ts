import { gzipSync } from 'node:zlib';
import { encodeTraces } from '@tandem/otlp';
import { decoded } from '@tandem/otlp/testing';
import type { DemoTrace } from './index.ts';

const SPANS_PER_REQUEST = 2000;

/** OTLP/HTTP bodies in protobuf, gzipped, of whole traces each, and how many spans are in them. */
export function* demoBodies(
  traces: Iterable<DemoTrace>,
): Generator<{ body: Uint8Array<ArrayBuffer>; spans: number; traces: number }> {
  let waiting: DemoTrace[] = [];
  let spans = 0;
  const take = () => {
    const body = gzipSync(encodeTraces(decoded(waiting.flatMap((trace) => trace.spans))), { level: 1 });
    const taken = { body, spans, traces: waiting.length };
    waiting = [];
    spans = 0;
    return taken;
  };
  for (const trace of traces) {
    waiting.push(trace);
    spans += trace.spans.length;
    if (spans >= SPANS_PER_REQUEST) yield take();
  }
  if (waiting.length > 0) yield take();
}
