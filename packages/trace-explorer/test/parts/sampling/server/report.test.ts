import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { decodeParts } from '../../../../src/core/receiver/decode/decode-parts.ts';
import type { Figure } from '../../../../src/parts/sampling/server/schemas.ts';
import { tryRules } from '../../../../src/parts/sampling/server/try-rules.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans, temporaryStore } from '../../../spans.ts';

// At night too: with all rules, and ten times the samplings.

// What the report says, beside loops over the recording that share nothing with its code. What is kept comes from the
// products' own decisions, and the intervals are compared with many samplings of the same traces.

type Attributes = readonly { key: string; value: { stringValue?: string } }[];

interface RecordedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Attributes;
  readonly events?: readonly unknown[];
  readonly links?: readonly unknown[];
  readonly status?: { code?: number };
}

interface Trace {
  readonly spans: RecordedSpan[];
  /** The service and span of the root; without one, of the first span whose parent is not there. */
  root?: { readonly service: string; readonly span: RecordedSpan };
}

/** The probability with which the product keeps a trace, and the rate that the product writes. */
interface Decision {
  readonly p: number;
  readonly rate: number;
}

const RUNS = 20;
const DRAWS = IS_NIGHT ? 2000 : 200;
const folder = new URL('products/', import.meta.url);
const unpacked = (name: string) => gunzipSync(readFileSync(new URL(name, folder)));
const recording: {
  resourceSpans: { resource: { attributes: Attributes }; scopeSpans: { spans: RecordedSpan[] }[] }[];
} = JSON.parse(unpacked('shop.json.gz').toString());
const products: Record<string, Record<string, number | [string, number, string, string]>> = JSON.parse(
  unpacked('decisions.json.gz').toString(),
);

const textOf = (attributes: Attributes, name: string) =>
  attributes.find(({ key }) => key === name)?.value.stringValue ?? '';
const millisecondsOf = (span: RecordedSpan) =>
  Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6;
const hasFailed = (span: RecordedSpan) => span.status?.code === 2;
const routeOf = ({ attributes, name }: RecordedSpan) => {
  const route = textOf(attributes, 'http.route');
  return route === '' ? name : `${textOf(attributes, 'http.request.method')} ${route}`;
};

const traces = new Map<string, Trace>();
const serviceOf = new Map<RecordedSpan, string>();
for (const { resource, scopeSpans } of recording.resourceSpans)
  for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
    const trace: Trace = traces.get(span.traceId) ?? { spans: [] };
    traces.set(span.traceId, trace);
    trace.spans.push(span);
    serviceOf.set(span, textOf(resource.attributes, 'service.name'));
    if (!span.parentSpanId) trace.root = { service: textOf(resource.attributes, 'service.name'), span };
  }
for (const trace of traces.values()) {
  if (trace.root !== undefined) continue;
  const ids = new Set(trace.spans.map(({ spanId }) => spanId));
  const [top] = trace.spans
    .filter(({ parentSpanId = '' }) => !ids.has(parentSpanId))
    .sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)));
  if (top !== undefined) trace.root = { service: serviceOf.get(top) ?? '', span: top };
}

const spans = [...traces.values()].flatMap((trace) => trace.spans);
const times = spans
  .flatMap((span) => [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)])
  .sort((a, b) => Number(a - b));
const [first, last] = [times[0] ?? 0n, times.at(-1) ?? 0n];
const months = 730 / (Number(last - first) / 3.6e12);

const routes = Map.groupBy(
  [...traces].filter(([, { root }]) => root !== undefined),
  ([, { root }]) => `${root?.service} ${root ? routeOf(root.span) : ''}`,
);

function decisionOf(name: string, traceId: string): Decision {
  const decided = products[name]?.[traceId] ?? 0;
  if (typeof decided === 'number') return { p: decided / RUNS, rate: 1 };
  const [, rate, , word] = decided;
  return { p: word === 'yes' ? 1 : word === 'no' ? 0 : 1 / rate, rate };
}

const recorded = await temporaryStore(t);
const body = { signals: ['traces'], bytes: unpacked('shop.json.gz'), encoding: 'json' } as const;
for (const part of decodeParts(body)) if (part !== undefined) await recorded.write(part);

/** The report about rules of one of the products. */
async function reportOf(name: string) {
  const rules = [{ name, text: readFileSync(new URL(`${name}.yaml`, folder), 'utf8') }];
  const report = await tryRules(recorded, { rules }, { start: 0n, end: 2n ** 62n });
  const [trial] = report.trials;
  if (trial === undefined) throw new Error(`${name} was not tried.`);
  return { report, trial };
}

// Rules whose decisions were the same in all runs, or are chance with a known rate.
const NAMES = Object.keys(products).filter((name) =>
  Object.values(products[name] ?? {}).every((each) => typeof each !== 'number' || each % RUNS === 0),
);

/** Decisions by state, by probability, by rules and by rates that change. */
const BY_DAY = /^(?:collector-01|refinery-0[1-3])/;

t.test('events, and what is lost, are those of a loop over the traces', async (t) => {
  t.ok(NAMES.includes('collector-01-errors-slow') && NAMES.includes('refinery-03-dynamic'), NAMES.join());
  for (const name of IS_NIGHT ? NAMES : NAMES.filter((each) => BY_DAY.test(each))) {
    const { report, trial } = await reportOf(name);
    const near = (found: number | undefined, expected: number, what: string) =>
      t.ok(
        Math.abs((found ?? Number.NaN) - expected) <= 1e-9 * Math.max(1, expected),
        `${name}, ${what}: ${found}, ${expected}`,
      );
    const all = { traces: 0, spans: 0, events: 0 };
    const kept = { traces: 0, spans: 0, events: 0 };
    const errors = { traces: 0, lost: 0 };
    const goneOfUser = new Map<string, number>();
    for (const [id, trace] of traces) {
      const { p } = decisionOf(name, id);
      const events = trace.spans.reduce(
        (sum, span) => sum + 1 + (span.events?.length ?? 0) + (span.links?.length ?? 0),
        0,
      );
      for (const [sum, share] of [[all, 1] as const, [kept, p] as const]) {
        sum.traces += share;
        sum.spans += share * trace.spans.length;
        sum.events += share * events;
      }
      if (trace.spans.some(hasFailed)) {
        errors.traces += 1;
        errors.lost += 1 - p;
      }
      for (const user of new Set(trace.spans.map((span) => textOf(span.attributes, 'user.id'))))
        if (user !== '') goneOfUser.set(user, (goneOfUser.get(user) ?? 1) * (1 - p));
    }
    for (const what of ['traces', 'spans', 'events'] as const) {
      near(report.all[what], all[what], `all ${what}`);
      near(trial.kept[what], kept[what], `kept ${what}`);
    }
    near(report.all.events_month, all.events * months, 'a month');
    near(trial.kept.events_month, kept.events * months, 'a month of what is kept');
    near(trial.lost.errors.traces, errors.traces, 'errors');
    near(trial.lost.errors.lost, errors.lost, 'lost errors');
    near(trial.lost.users.of, goneOfUser.size, 'users');
    near(
      trial.lost.users.gone,
      [...goneOfUser.values()].reduce((a, b) => a + b, 0),
      'lost users',
    );
    const gone: string[] = [];
    const slow: string[] = [];
    for (const [route, own] of routes) {
      if (own.reduce((all, [id]) => all * (1 - decisionOf(name, id).p), 1) > 0.5) gone.push(route);
      const of = ([, { root }]: [string, Trace]) => (root ? millisecondsOf(root.span) : 0);
      const over = own.map(of).sort((a, b) => a - b)[Math.ceil(0.95 * own.length) - 1] ?? 0;
      const slowest = own.filter((each) => of(each) > over);
      const lost = slowest.reduce((sum, [id]) => sum + 1 - decisionOf(name, id).p, 0);
      if (lost > 0) slow.push(`${route} ${slowest.length} ${lost.toFixed(6)}`);
    }
    t.same(trial.lost.routes.map((each) => `${each.service} ${each.route}`).sort(), gone.sort(), name);
    t.same(
      trial.lost.slow
        .map((each) => `${each.service} ${each.route} ${each.traces} ${each.lost.toFixed(6)}`)
        .sort(),
      slow.sort(),
      name,
    );
  }
});

t.test('equal traffic has equal answers, also the routes of causes and the users', async (t) => {
  const once = async () => (await reportOf('refinery-01-deterministic')).report;
  const first = await once();
  t.ok(first.trials[0]?.lost.causes.some(({ routes }) => routes.length > 1));
  for (let again = 0; again < (IS_NIGHT ? 4 : 1); again++) t.same(await once(), first);
});

/** Numbers from 0 to 1 that are the same in each run (a linear congruential generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** How many spans a span stood for when it was recorded: `ot=th:…` is the share that was dropped, in 56 bits. */
function weightOf({ traceState = '' }: RecordedSpan): number {
  const [, digits] = /(?:^|[;,=])th:([0-9a-f]{1,14})/.exec(traceState) ?? [];
  return digits === undefined ? 1 : 1 / (1 - Number.parseInt(digits.padEnd(14, '0'), 16) / 2 ** 56);
}

/** An id of a trace, which decides whether the trace is kept. */
const idFrom = (random: () => number) =>
  Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');

interface Weighted {
  readonly ms: number;
  readonly weight: number;
}

/** The duration below which 19 of 20 lie. */
function p95Of(spans: readonly Weighted[]): number {
  const sorted = spans.toSorted((a, b) => a.ms - b.ms);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let passed = 0;
  for (const { ms, weight } of sorted) {
    passed += weight;
    if (passed >= 0.95 * total - 1e-9) return ms;
  }
  return 0;
}

t.test('the intervals hold in about 19 of 20 samplings', async (t) => {
  const name = 'refinery-03-dynamic';
  const { trial } = await reportOf(name);
  const random = numbers(7);
  let tried = 0;
  for (const figure of trial.figures) {
    const own = (routes.get(`${figure.service} ${figure.route}`) ?? []).flatMap(([id, { root }]) => {
      const { p } = decisionOf(name, id);
      if (root === undefined) return [];
      const { span } = root;
      return [{ p, weight: weightOf(span), failed: hasFailed(span), ms: millisecondsOf(span) }];
    });
    const estimates = { count: [] as number[], error_rate: [] as number[], p95_ms: [] as number[] };
    for (let draw = 0; draw < DRAWS; draw++) {
      let count = 0;
      let errors = 0;
      const kept: Weighted[] = [];
      for (const { p, weight, failed, ms } of own) {
        if (random() >= p) continue;
        count += weight / p;
        if (failed) errors += weight / p;
        kept.push({ ms, weight: weight / p });
      }
      estimates.count.push(count);
      estimates.error_rate.push(count === 0 ? 0 : errors / count);
      estimates.p95_ms.push(p95Of(kept));
    }
    const truth = own.reduce((sum, { weight }) => sum + weight, 0);
    const where = `${figure.service} ${figure.route}`;
    t.ok(Math.abs(figure.count.truth - truth) < 1e-6, `${where}: ${figure.count.truth} is ${truth}`);
    const expectedKept = own.filter(({ p }) => p < 1).reduce((sum, { p }) => sum + p, 0);
    // The number of a few kept traces does not follow the normal distribution.
    if (expectedKept < 3) continue;
    tried += 1;
    const within = ({ low = 0, high = 0 }: Figure, values: readonly number[]) =>
      values.filter((value) => value >= low - 1e-9 && value <= high + 1e-9).length / values.length;
    const share = within(figure.count, estimates.count);
    t.ok(share > 0.9 && share < 0.995, `${where}, COUNT: ${share}`);
    const rate = within(figure.error_rate, estimates.error_rate);
    t.ok(rate > 0.85, `${where}, error rate: ${rate}`);
    t.equal(figure.p95_ms.truth, p95Of(own), `${where}, P95`);
    t.same(Object.keys(figure.p95_ms), ['truth', 'kept'], 'too few kept traces for the P95');
  }
  t.ok(tried >= 2, `${tried} routes`);
});

t.test('the interval of a P95 has the truth in 19 of 20 samplings, or too few traces are said', async (t) => {
  const random = numbers(11);
  const counts = [200, 500, 1500, 3000];
  const spans = counts.flatMap((count, route) =>
    Array.from({ length: count }, (): PlainSpan => {
      // Mostly fast, with a long tail.
      const durationMs = 10 + 20 * random() + 5 / (random() + 0.01);
      const attributes = { 'http.route': `/${route}`, 'http.request.method': 'GET' };
      return {
        traceId: idFrom(random),
        spanId: randomId(8),
        service: 'shop',
        name: 'GET',
        kind: 2,
        start: 1_790_000_000_000_000_000n,
        durationMs,
        attributes,
      };
    }),
  );
  const store = await temporaryStore(t);
  await storeSpans(store, spans);
  const SAMPLINGS = IS_NIGHT ? 60 : 10;
  const rules = Array.from({ length: SAMPLINGS }, (_, salt) => ({
    name: `salt ${salt}`,
    text: `processors: {tail_sampling: {policies: [{name: fifth, type: probabilistic, probabilistic: {hash_salt: "${salt}", sampling_percentage: 20}}]}}`,
  }));
  const { trials } = await tryRules(store, { rules, tracestate: true }, { start: 0n, end: 2n ** 62n });
  for (const [route, count] of counts.entries()) {
    const all = trials.map(({ figures }) => figures.find((each) => each.route === `GET /${route}`)?.p95_ms);
    const told = all.filter((each) => each?.low !== undefined);
    const right = told.filter(
      ({ truth = 0, low = 0, high = 0 } = { truth: 0, kept: 0 }) => low <= truth && truth <= high,
    );
    if (count === 200) t.equal(told.length, 0, '40 kept traces do not say how slow the slowest twentieth is');
    else {
      t.ok(told.length > 0.5 * SAMPLINGS, `${count}: ${told.length}`);
      t.ok(right.length >= 0.9 * told.length, `${count}: ${right.length} of ${told.length}`);
    }
  }

  const [rule] = rules;
  const once = () => tryRules(store, { rules: rule ? [rule] : [] }, { start: 0n, end: 2n ** 62n });
  const first = await once();
  t.match(first.trials, [{ lost: { causes_looked: 300, causes_of: 5200 } }]);
  t.same(await once(), first, 'equal traffic has equal answers');
});
