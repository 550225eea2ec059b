import { generator } from '@tandem/otlp/testing';
import t from 'tap';
import type { RouteComparison } from '../../../../src/core/runs/schemas.ts';
import { getOrMake } from '../../../../src/core/shared/get-or-make.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

t.setTimeout(180_000);

const [SEEDS, TRACES, RATE] = [200, 400, 10];

/** Requests of a seed's traces, some of which are chosen, each with several requests. */
function requestsOf(seed: number, make: (request: PlainSpan, isChosen: boolean) => void): void {
  const random = generator(seed);
  for (let trace = 0; trace < TRACES; trace++) {
    const [traceId, isChosen] = [randomId(16), random.integer(0, RATE) === 0];
    const [requests, fails] = [random.integer(1, 4), random.integer(0, 3) > 0];
    for (let n = 0; n < requests; n++) {
      const request: PlainSpan = {
        ...{ traceId, spanId: randomId(8), kind: 2, name: `GET /${seed}`, service: `shop ${seed}` },
        ...{
          start: at(200 * seed + n),
          durationMs: random.integer(1, 40),
          status: fails ? (2 as const) : (0 as const),
        },
        attributes: { SampleRate: RATE },
      };
      make(request, isChosen);
    }
  }
}

interface Estimate {
  readonly value: number;
  readonly effective: number | undefined;
  readonly truth: number | undefined;
}

/** How many intervals hold the truth. */
function holding(estimates: readonly Estimate[]): number {
  return estimates.filter(({ value, effective = 0, truth = 0 }) => {
    return Math.abs(value - truth) <= (2 * value) / Math.sqrt(effective);
  }).length;
}

t.test('of sampled traces with several spans, at least 180 of 200 intervals hold the truth', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const truth = new Map<number, { requests: number; errors: number }>();
  const chosen: PlainSpan[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const of = { requests: 0, errors: 0 };
    requestsOf(seed, (request, isChosen) => {
      of.requests += 1;
      of.errors += request.status === 2 ? 1 : 0;
      if (!isChosen) return;
      const own = { ...request, resource: { 'tandem.run.id': `run ${seed}` } };
      const below = { ...own, spanId: randomId(8), parentSpanId: own.spanId ?? '', status: 0 } as const;
      const database = { 'db.system.name': 'sqlite', 'db.namespace': `${seed}` };
      chosen.push(
        own,
        { ...below, service: `bank ${seed}`, name: 'pay' },
        { ...below, spanId: randomId(8), kind: 3, attributes: { ...own.attributes, ...database } },
      );
    });
    truth.set(seed, of);
  }
  await storeSpans(store, chosen);
  type Figures = { count: number; errors: number; effective?: number; errors_effective?: number };
  const found = new Map<string, Estimate[]>();
  const add = (where: string, name: string, figures: Figures | undefined) => {
    const of = truth.get(Number(name.match(/\d+$/)?.[0]));
    const { count: value = 0, errors = 0, effective, errors_effective } = figures ?? {};
    getOrMake(found, where, () => []).push({ value, effective, truth: of?.requests });
    const failed = { value: errors, effective: errors_effective, truth: of?.errors };
    if (errors > 0) getOrMake(found, `errors of ${where}`, () => []).push(failed);
  };
  const { body: overview } = await get('/api/overview');
  for (const route of overview.routes) if (route.name !== 'pay') add('routes', route.name, route);
  const { body: map } = await get('/api/map');
  for (const service of map.services)
    add(service.type === 'database' ? 'databases' : service.name.split(' ')[0], service.name, service);
  for (const call of map.calls) add(`calls of ${call.to.split(' ')[0]}`, call.from, call);
  const { body: runs } = await get('/api/runs');
  for (const { requests, ...run } of runs.runs) {
    // Of both services.
    add('runs', run.id, { ...run, count: requests / 2 });
  }
  for (let seed = 0; seed < SEEDS; seed++) {
    const [start, end] = [0, 100].map((ms) => Number(at(200 * seed + ms)) / 1e9);
    const path = `/api/overview?service=shop%20${seed}&start_time=${start}&end_time=${end}`;
    const { body } = await get(path);
    add('cards', `${seed}`, body.requests);
    add('dependencies', `${seed}`, body.dependencies[0]);
  }
  for (const [where, estimates] of found) {
    t.equal(estimates.length, SEEDS, where);
    const held = holding(estimates);
    t.ok(held >= 180, `${where}: ${held} of ${SEEDS}`);
  }
  t.same([...found.keys()].toSorted(), [
    'bank',
    'calls of bank',
    'calls of sqlite',
    'cards',
    'databases',
    'dependencies',
    'errors of cards',
    'errors of routes',
    'errors of runs',
    'errors of shop',
    'routes',
    'runs',
    'shop',
  ]);
});

t.test('so do those of a comparison, which counts the traces that show a request', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const truth = new Map<string, { requests: number; seen: Set<string> }>();
  const chosen: PlainSpan[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const of = { requests: 0, seen: new Set<string>() };
    requestsOf(seed, (request, isChosen) => {
      of.requests += 1;
      if (!isChosen) return;
      of.seen.add(request.traceId ?? '');
      chosen.push({ ...request, service: 'shop', resource: { 'tandem.run.id': seed % 2 ? 'odd' : 'even' } });
    });
    truth.set(`GET /${seed}`, of);
  }
  await storeSpans(store, chosen);
  const { body } = await get('/api/compare?base=even&head=odd');
  const estimates = body.routes.map(({ route, base, head }: RouteComparison): Estimate => {
    const { requests, effective, seen } = base.requests > 0 ? base : head;
    const of = truth.get(route);
    t.equal(seen, of?.seen.size, route);
    return { value: requests, effective, truth: of?.requests };
  });
  t.equal(estimates.length, SEEDS);
  const held = holding(estimates);
  t.ok(held >= 180, `${held} of ${SEEDS}`);
});
