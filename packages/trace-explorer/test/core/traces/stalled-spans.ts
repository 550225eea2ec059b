import { at, ids } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';

const id = ids();
export const STALLED_TRACE = id('trace', 16);

const CODE = { 'code.function.name': 'hash', 'code.file.path': '/app/auth.js', 'code.line.number': 31 };

function stall(from: number, ms: number) {
  const attributes = { 'tandem.stall.kind': 'ran', 'tandem.stall.duration_ms': ms, ...CODE };
  return { name: 'stall', time: at(from), attributes };
}

/** A request whose process stands still from 79.5 to 380 ms, while it awaits a callee that stands still before it can begin. */
export const STALLED_SPANS: readonly PlainSpan[] = [
  {
    ...{ traceId: STALLED_TRACE, spanId: id('root'), service: 'api', name: 'GET /home', kind: 2 },
    ...{ start: at(0), durationMs: 700, attributes: { 'tandem.stalled_ms': 300.5 } },
    events: [{ name: 'other', time: at(1) }, stall(79.5, 300.5), { name: 'after', time: at(600) }],
  },
  {
    ...{ traceId: STALLED_TRACE, spanId: id('call'), parentSpanId: id('root'), service: 'api' },
    ...{ name: 'GET users', kind: 3, start: at(80), durationMs: 610, events: [stall(79.5, 300.5)] },
    attributes: { 'tandem.stalled_ms': 300, 'tandem.call.connect_ms': 2, 'tandem.call.first_byte_ms': 600 },
  },
  {
    ...{ traceId: STALLED_TRACE, spanId: id('served'), parentSpanId: id('call'), service: 'users' },
    ...{ name: 'GET /users', kind: 2, start: at(640), durationMs: 40 },
    attributes: { 'tandem.stalled_before_ms': 250, 'tandem.stalled_before.kind': 'blocked' },
  },
];

export const STALLED_SENTENCES = [
  'api stood still for 301 ms of the 700 ms of GET /home: its own code ran, in hash (/app/auth.js:31); GET users itself took 60.0 ms',
  'users stood still for 250 ms before it could begin GET /users: a call blocked it; GET users itself took 60.0 ms',
];
