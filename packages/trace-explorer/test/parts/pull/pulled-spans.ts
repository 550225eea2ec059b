import type { PlainLogRecord } from '@tandem/otlp/testing';
import { at } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { randomId } from '../../spans.ts';

/** What a pull says of itself on each resource. */
export const RESOURCE = { 'tandem.run.id': 'pull', 'tandem.pull.name': 'prod' };

/** Pulled requests of a route, each standing for so many, with calls below it. */
function pulled(name: string, count: number, rate: number, more: Partial<PlainSpan> = {}, calls = 0) {
  return Array.from({ length: count }, (_, n): PlainSpan[] => {
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const own = { traceId, service: 'shop', resource: RESOURCE };
    const attributes = { SampleRate: rate };
    const call = { ...own, parentSpanId: spanId, kind: 3, name: 'SELECT item', durationMs: 8 };
    return [
      { ...own, spanId, kind: 2, name, start: at(n), durationMs: 100 + n, attributes, ...more },
      ...Array.from({ length: calls }, (_, i) => ({
        ...call,
        start: at(n + 5 + i * 10),
        attributes: {
          ...attributes,
          'db.system.name': 'postgresql',
          'db.query.text': `SELECT * FROM item WHERE id = ${i}`,
        },
      })),
    ];
  }).flat();
}

const failing = { status: 2, statusMessage: 'no stock' } as const;
const message = (kind: 4 | 5, n: number): PlainSpan => ({
  traceId: randomId(16),
  kind,
  name: 'orders',
  service: kind === 4 ? 'shop' : 'mailer',
  start: at(n),
  attributes: { 'messaging.destination.name': 'orders' },
  resource: RESOURCE,
});

/** What a pull brought: frequent and rare requests, failing ones, a loop of calls, and a queue that seems to grow. */
export function pulledSpans(): PlainSpan[] {
  return [
    ...pulled('GET /often', 450, 20),
    ...pulled('GET /some', 40, 10),
    ...pulled('GET /failing', 30, 420, failing),
    ...pulled('GET /two', 2, 50, { ...failing, statusMessage: 'gone away' }),
    ...pulled('GET /loop', 30, 10, { durationMs: 400 }, 12),
    ...Array.from({ length: 20 }, (_, n) => message(n < 15 ? 4 : 5, n)),
  ];
}

/** A line that came along, and what the engine counted. */
export function pulledLogs(): PlainLogRecord[] {
  return [
    { time: at(1), body: 'taken', service: 'shop', resource: RESOURCE },
    { time: at(2), body: '{}', eventName: 'tandem.pull', service: 'prod', resource: RESOURCE },
  ];
}

const OPS = ['COUNT', 'SUM', 'AVG', 'P50', 'P99', 'MAX'] as const;
/** Each kind of calculation, by route. */
export const BY_NAME = {
  calculations: OPS.map((op) => (op === 'COUNT' ? { op } : { op, column: 'duration_ms' })),
  filters: [{ column: 'span.kind', op: '=', value: 'server' }],
  breakdowns: ['name'],
  time_range: 3600,
};
