import type { DemoService } from '../services.ts';
import type { TraceBuilder } from '../trace-builder.ts';
import { Kind, serverAttributes } from '../trace-builder.ts';

/** A trace whose SERVER span has children that name a parent nobody sent. */
export function addMissingParents(trace: TraceBuilder, services: readonly DemoService[]): void {
  const [api, other] = services as [DemoService, DemoService];
  const root = addServer(trace, api, 120);
  trace.add(api, { parent: root, name: 'validate cart', startMs: 4, durationMs: 11 });
  for (let i = 0; i < 3; i++) {
    const lost = trace.random.id(8);
    const server = trace.add(other, {
      parent: lost,
      name: 'GET /stock/:id',
      kind: Kind.server,
      startMs: 20 + 30 * i,
      durationMs: 22,
      attributes: serverAttributes('GET', '/stock/:id', 200),
    });
    trace.add(other, {
      parent: server,
      name: 'SELECT stock',
      kind: Kind.client,
      startMs: 22 + 30 * i,
      durationMs: 15,
    });
  }
}

/** All spans but the root, which never came. */
export function addMissingRoot(trace: TraceBuilder, services: readonly DemoService[]): void {
  const [api, other] = services as [DemoService, DemoService];
  const root = trace.random.id(8);
  const step = trace.add(api, { parent: root, name: 'load checkout', startMs: 3, durationMs: 70 });
  trace.add(other, {
    parent: step,
    name: 'GET /prices',
    kind: Kind.server,
    startMs: 9,
    durationMs: 55,
    attributes: serverAttributes('GET', '/prices', 200),
  });
  trace.add(api, { parent: root, name: 'render', startMs: 75, durationMs: 12 });
}

/** Two different spans with one id, and one span that was sent twice as it is. */
export function addDuplicateIds(trace: TraceBuilder, services: readonly DemoService[]): void {
  const [api, other] = services as [DemoService, DemoService];
  const root = addServer(trace, api, 90);
  const twice = trace.random.id(8);
  trace.add(api, { spanId: twice, parent: root, name: 'reserve stock', startMs: 5, durationMs: 20 });
  trace.add(other, { spanId: twice, parent: root, name: 'send confirmation', startMs: 40, durationMs: 31 });
  trace.add(api, { parent: root, name: 'write audit line', startMs: 75, durationMs: 6 });
  const last = trace.spans.at(-1);
  if (last !== undefined) trace.spans.push(last);
}

/** A span that is its own parent's parent, and one that ends before it starts. */
export function addImpossible(trace: TraceBuilder, services: readonly DemoService[]): void {
  const [api] = services as [DemoService];
  const root = addServer(trace, api, 50);
  const [one, two] = [trace.random.id(8), trace.random.id(8)];
  trace.add(api, { spanId: one, parent: two, name: 'circle, first half', startMs: 6, durationMs: 12 });
  trace.add(api, { spanId: two, parent: one, name: 'circle, second half', startMs: 8, durationMs: 6 });
  trace.add(api, {
    parent: root,
    name: 'ends before it starts',
    startMs: 30,
    durationMs: 1,
    end: trace.at(24),
  });
}

/** A server on another host whose clock is two seconds ahead. */
export function addOtherHostsClock(trace: TraceBuilder, services: readonly DemoService[]): void {
  addSkewed(trace, services, 2000, { 'host.name': 'node-with-another-clock' });
}

/** A server on the same host that ends a millisecond after its client: clocks of one machine, read twice. */
export function addSameHostsClock(trace: TraceBuilder, services: readonly DemoService[]): void {
  addSkewed(trace, services, 1, { 'host.name': 'node-01' });
}

function addSkewed(
  trace: TraceBuilder,
  services: readonly DemoService[],
  skewMs: number,
  resource: Readonly<Record<string, string>>,
): void {
  const [api, other] = services as [DemoService, DemoService];
  const here = { name: api.name, resource: { ...api.resource, 'host.name': 'node-01' } };
  const root = addServer(trace, here, 64);
  const client = trace.add(here, {
    parent: root,
    name: 'GET',
    kind: Kind.client,
    startMs: 10,
    durationMs: 40,
  });
  const there = { name: other.name, resource: { ...other.resource, ...resource } };
  const server = trace.add(there, {
    parent: client,
    name: 'GET /quotes',
    kind: Kind.server,
    startMs: 10.4 + skewMs,
    durationMs: 39.2,
    attributes: serverAttributes('GET', '/quotes', 200),
  });
  trace.add(there, {
    parent: server,
    name: 'SELECT quotes',
    kind: Kind.client,
    startMs: 13 + skewMs,
    durationMs: 31,
  });
}

function addServer(
  trace: TraceBuilder,
  service: Pick<DemoService, 'name' | 'resource'>,
  durationMs: number,
): string {
  return trace.add(service, {
    name: 'POST /checkout',
    kind: Kind.server,
    startMs: 0,
    durationMs,
    attributes: serverAttributes('POST', '/checkout', 200),
  });
}
