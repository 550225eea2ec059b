import type { DemoService } from '../services.ts';
import { EXCEPTIONS } from '../stacks.ts';
import type { TraceBuilder } from '../trace-builder.ts';
import { Kind, serverAttributes } from '../trace-builder.ts';

/** How long the message waits in its queue. */
const QUEUE_MS = 2000;

const messaging = {
  'messaging.system': 'kafka',
  'messaging.destination.name': 'orders.placed',
  'messaging.destination.partition.id': '3',
};

/** A request that sends a message, and its consumer on another host two seconds later, in the same trace. */
export function addQueue(trace: TraceBuilder, services: readonly DemoService[]): void {
  const [api, worker] = services as [DemoService, DemoService];
  const root = trace.add(api, {
    name: 'POST /orders',
    kind: Kind.server,
    startMs: 0,
    durationMs: 24,
    attributes: serverAttributes('POST', '/orders', 202),
  });
  const producer = trace.add(api, {
    parent: root,
    name: 'send orders.placed',
    kind: Kind.producer,
    startMs: 9,
    durationMs: 11,
    attributes: { ...messaging, 'messaging.operation.type': 'send', 'messaging.operation.name': 'send' },
  });
  const consumer = trace.add(worker, {
    parent: producer,
    name: 'process orders.placed',
    kind: Kind.consumer,
    startMs: 20 + QUEUE_MS,
    durationMs: 140,
    resource: { 'host.name': 'worker-07' },
    attributes: {
      ...messaging,
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
    },
  });
  trace.add(worker, {
    parent: consumer,
    name: 'INSERT shipments',
    kind: Kind.client,
    startMs: 30 + QUEUE_MS,
    durationMs: 96,
    resource: { 'host.name': 'worker-07' },
    attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'shipments' },
  });
}

/** A batch consumer: one trace of its own with a link to each message it took. */
export function addLinks(
  trace: TraceBuilder,
  services: readonly DemoService[],
  linked: readonly { readonly traceId: string; readonly spanId: string }[],
): void {
  const [worker] = services as [DemoService];
  const root = trace.add(worker, {
    name: 'process orders.placed (batch)',
    kind: Kind.consumer,
    startMs: 0,
    durationMs: 75,
    attributes: {
      ...messaging,
      'messaging.operation.type': 'process',
      'messaging.batch.message_count': linked.length,
    },
    links: linked.map((link, i) => ({ ...link, attributes: { 'messaging.kafka.offset': 88_000 + i } })),
  });
  trace.add(worker, { parent: root, name: 'write batch', startMs: 6, durationMs: 60 });
}

/** A span with every exception of the collection, and events that are no exceptions between them. */
export function addEvents(trace: TraceBuilder, services: readonly DemoService[]): void {
  const [api] = services as [DemoService];
  const root = trace.add(api, {
    name: 'POST /payments',
    kind: Kind.server,
    startMs: 0,
    durationMs: 320,
    status: 2,
    statusMessage: 'gave up after 5 attempts',
    attributes: serverAttributes('POST', '/payments', 502),
  });
  trace.add(api, {
    parent: root,
    name: 'charge with retries',
    startMs: 5,
    durationMs: 310,
    status: 2,
    statusMessage: 'gave up after 5 attempts',
    events: EXCEPTIONS.flatMap((attributes, i) => [
      {
        name: 'retry',
        time: trace.at(10 + 60 * i),
        attributes: { 'app.attempt': i + 1, 'app.backoff_ms': 2 ** i * 10 },
      },
      { name: 'exception', time: trace.at(50 + 60 * i), attributes },
    ]),
  });
}

/** A request whose spans are few and whose log lines are many: see `unusualLines`. */
export function addLogLines(trace: TraceBuilder, services: readonly DemoService[]): void {
  const [api] = services as [DemoService];
  const root = trace.add(api, {
    name: 'POST /checkout',
    kind: Kind.server,
    startMs: 0,
    durationMs: 48,
    attributes: serverAttributes('POST', '/checkout', 500),
    status: 2,
  });
  trace.add(api, { parent: root, name: 'charge card', startMs: 9, durationMs: 18, status: 2 });
}
