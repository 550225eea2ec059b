import type { SpanRecord } from '../../src/traces/read/span-record.ts';

const epoch = 1_790_000_000_000_000_000n;
let sequence = 0;

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
    host: 'one',
    hostKnown: true,
    error: false,
    statusMessage: '',
    statusCode: '',
    problem: '',
    route: '',
    events: 0,
    links: 0,
    sequence,
    received: epoch + 60_000_000_000n,
    sampleRate: 1,
    ...more,
  };
}
