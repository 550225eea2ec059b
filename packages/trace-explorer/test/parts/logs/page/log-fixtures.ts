import type { PlainLogRecord } from '@tandem/otlp/testing';
import { decodedLogs } from '@tandem/otlp/testing';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { randomId, storeSpans } from '../../../spans.ts';

/** The ids of the line that has an exception. */
export const [traceId, spanId] = [randomId(16), randomId(8)];
const now = Date.now();
/** Nanoseconds since the epoch. */
export const at = (secondsAgo: number) => BigInt(now - secondsAgo * 1000) * 1_000_000n;

const LINES: readonly PlainLogRecord[] = [
  { service: 'api', time: at(50), severity: 9, body: 'started' },
  {
    service: 'api',
    time: at(40),
    severity: 13,
    body: 'Payment slow',
    attributes: { 'user.id': 'ada', n: 7 },
  },
  {
    service: 'api',
    time: at(30),
    severity: 17,
    body: 'payment refused',
    traceId,
    spanId,
    attributes: {
      'user.id': 'ada',
      'exception.type': 'CardError',
      'exception.message': 'declined',
      'exception.stacktrace': 'CardError: declined\n    at charge (a.ts:1:2)',
    },
  },
  {
    service: 'worker',
    time: at(20),
    severity: 5,
    body: { map: { msg: 'structured', deep: { map: { a: 1 } } } },
  },
  { service: 'worker', time: at(4000), severity: 21, body: 'an hour ago' },
];

/** A span, and lines of two services. */
export async function fill(store: SpanStore): Promise<void> {
  await storeSpans(store, [
    { traceId, spanId, service: 'api', name: 'GET /pay', start: at(31), durationMs: 2000 },
  ]);
  await store.write(decodedLogs(LINES));
}
