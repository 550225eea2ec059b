import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { PlainLogRecord, PlainSpan, PlainValue } from '@tandem/otlp/testing';
import { generator } from '@tandem/otlp/testing';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { INSTALL_TIMEOUT_MS } from '../../../../../test/helpers/npm.ts';
import { knownAttribute } from '../../../src/core/conventions/attributes.ts';
import { ALL_DATASETS } from '../../../src/core/query/parse/all-datasets.ts';
import { parseQuery } from '../../../src/core/query/parse/parse-query.ts';
import { runQuery } from '../../../src/core/query/run/run-query.ts';
import type { SpanStore } from '../../../src/core/store/store.ts';
import { DEMO_DEFAULTS, demoTraces } from '../../../testing/demo-data/index.ts';
import { runCli } from '../../core/command/run-cli.ts';
import { temporaryExplorer } from '../../explorer.ts';
import { storeSpans, temporaryDirectory } from '../../spans.ts';
import { installChdb, startChdb } from './chdb.ts';
import type { Form } from './exporter-tables.ts';
import { createTables, FORMS, insertLogs, insertSpans } from './exporter-tables.ts';

t.setTimeout(4 * INSTALL_TIMEOUT_MS);

const folder = t.testdir();
await installChdb(folder);
type Test = Parameters<typeof startChdb>[0];
type Attribute = { readonly key: string; readonly value: object };

/** Traces of the demo that a table can keep whole: it has one span of each id. */
const traces = [
  ...demoTraces({
    ...DEMO_DEFAULTS,
    small: true,
    services: 20,
    spans: 6000,
    minutes: 20,
    now: Date.now() - 600_000,
  }),
].filter(
  ({ shape }) =>
    !['duplicate ids', 'impossible', 'large attributes', 'stray lines', 'unusual names'].includes(shape),
);
const spans = traces.flatMap((trace) => trace.spans);
const logs = traces.flatMap((trace) => trace.logs).filter(({ traceId }) => traceId !== undefined);

async function engineWith(
  t: Test,
  form: Form,
  some: readonly PlainSpan[],
  records: readonly PlainLogRecord[] = [],
) {
  const engine = await startChdb(t, folder);
  for (const sql of createTables(form)) await engine.ask(sql);
  for (let at = 0; at < some.length; at += 5000)
    await engine.ask(insertSpans(some.slice(at, at + 5000), form));
  if (records.length > 0) await engine.ask(insertLogs(records, form));
  return engine;
}

async function pulled(t: Test, address: string, ...args: readonly string[]) {
  const file = join(temporaryDirectory(t), 'pull.gz');
  const { code, out, error } = await runCli('pull', [
    address,
    '--save',
    file,
    '--since',
    '2h',
    '--name',
    'prod',
    ...args,
  ]);
  if (code !== 0) throw new Error(out + error);
  return { file, said: out + error, lines: gunzipSync(readFileSync(file)).toString().trim().split('\n') };
}

async function importInto(app: FastifyInstance, lines: readonly string[]): Promise<void> {
  for (const payload of lines) {
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: '/api/import',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    if (statusCode !== 200) throw new Error(body);
  }
}

/** Fields that a form keeps with their types. */
function fieldsOf(form: Form): string[] {
  const isKept = (key: string, value: PlainValue) => {
    const type = knownAttribute(key)?.type;
    if (typeof value === 'string')
      return (
        form === 'json' ||
        type === undefined ||
        type === 'string' ||
        !/^[\d.-]+$|^(?:true|false)$/.test(value)
      );
    if (form === 'json') return typeof value === 'number' || typeof value === 'boolean';
    return (
      (typeof value === 'number' && (type === 'int' || type === 'double')) ||
      (typeof value === 'boolean' && type === 'boolean')
    );
  };
  const all = spans.flatMap((span) => Object.entries({ ...span.resource, ...span.attributes }));
  const names = Map.groupBy(all, ([key]) => key);
  return [...names].flatMap(([key, entries]) =>
    entries.every(([, value]) => isKept(key, value)) ? [key] : [],
  );
}

/** A random query over fields, within the time of all traces. */
function randomQuery(
  seed: number,
  fields: readonly string[],
  values: (field: string) => readonly PlainValue[],
) {
  const random = generator(seed);
  const own = [
    'name',
    'service.name',
    'span.kind',
    'status_code',
    'error',
    'trace.parent_id',
    'library.name',
  ];
  const any = () => random.pick([...own, ...fields]);
  const filter = () => {
    const column = any();
    const op = random.pick([
      '=',
      '!=',
      'exists',
      'does-not-exist',
      'starts-with',
      'contains',
      '>=',
      '<',
    ] as const);
    const value = random.pick([...values(column), 'GET', 5]);
    return op.includes('exist')
      ? { column, op }
      : { column, op, value: typeof value === 'object' ? 'x' : value };
  };
  const calculation = () =>
    random.pick([
      { op: 'COUNT' },
      { op: 'COUNT_DISTINCT', column: any() },
      { op: 'AVG', column: 'duration_ms' },
      { op: 'P90', column: 'duration_ms' },
      { op: 'MAX', column: 'duration_ms' },
    ]);
  return {
    calculations: [calculation()],
    filters: [
      { column: 'meta.signal_type', op: '=', value: 'trace' },
      ...Array.from({ length: random.integer(0, 3) }, filter),
    ],
    breakdowns: [...new Set(Array.from({ length: random.integer(0, 3) }, any))],
    limit: 1000,
    time_range: 7200,
  };
}

/** The topmost span: the first without a parent, else the first whose parent is unknown. */
function entryOf({ spans }: { readonly spans: readonly PlainSpan[] }): PlainSpan | undefined {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const rank = ({ parentSpanId = '' }: PlainSpan) =>
    parentSpanId === '' ? 0 : known.has(parentSpanId) ? 2 : 1;
  const before = (a: PlainSpan, b: PlainSpan) =>
    rank(a) - rank(b) ||
    Number((a.start ?? 0n) - (b.start ?? 0n)) ||
    ((a.spanId ?? '') < (b.spanId ?? '') ? -1 : 1);
  return [...spans].sort(before)[0];
}

async function answer(store: SpanStore, query: object): Promise<string[]> {
  const { results } = await runQuery(store, ALL_DATASETS, parseQuery(query), { disableSeries: true });
  return results
    .map(({ data }) =>
      JSON.stringify(data, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value)),
    )
    .sort();
}

for (const form of FORMS)
  t.test(`everything pulled answers 200 queries as OTLP's own store does: ${form}`, async (t) => {
    const engine = await engineWith(t, form, spans, logs);
    await engine.ask(insertSpans(spans.slice(0, 100), form)); // the exporter has sent them twice
    const { lines, said } = await pulled(t, engine.address, '--traces', '100000');
    t.match(said, new RegExp(`${traces.length.toLocaleString('en')} traces`), said);
    const [own, from] = [await temporaryExplorer(t), await temporaryExplorer(t)];
    for (let at = 0; at < spans.length; at += 2000) await storeSpans(own.store, spans.slice(at, at + 2000));
    await importInto(from.app, lines);
    const { body: status } = await from.get('/api/status');
    t.equal(status.spans, spans.length);
    t.equal(status.logs, logs.length + 1, 'and what the engine counted');
    const fields = fieldsOf(form);
    t.ok(fields.length > 10, fields.join());
    const values = (field: string) =>
      spans
        .flatMap(({ attributes = {} }) =>
          Object.hasOwn(attributes, field) ? [attributes[field] as PlainValue] : [],
        )
        .slice(0, 20);
    for (let seed = 0; seed < 200; seed++) {
      const query = randomQuery(seed, fields, values);
      t.same(await answer(from.store, query), await answer(own.store, query), JSON.stringify(query));
    }
    const { body } = await from.get('/api/overview?time_range=7200');
    t.equal(body.counted.traces, traces.length);
    t.equal(body.counted.spans, spans.length);
    const truth = Map.groupBy(traces.map(entryOf), (entry) => `${entry?.service} ${entry?.name}`);
    for (const { service, name, requests, errors, p99_ms } of body.counted.routes) {
      const own = truth.get(`${service} ${name}`) ?? [];
      t.equal(requests, own.length, `${service} ${name}`);
      t.equal(errors, own.filter((entry) => entry?.status === 2).length, `errors of ${service} ${name}`);
      const took = own.map((entry) => entry?.durationMs ?? 1).sort((a, b) => a - b);
      const [rank, below] = [0.99 * (took.length - 1), Math.floor(0.99 * (took.length - 1))];
      const [low = 0, high = low] = took.slice(below);
      t.ok(
        Math.abs(p99_ms - (low + (high - low) * (rank - below))) < 0.01,
        `P99 of ${service} ${name}: ${p99_ms}`,
      );
    }
  });

/** Traces of one span: three routes, with errors and slow ones, and half of them of a plan. */
function manyTraces(seed: number, count: number): PlainSpan[] {
  const random = generator(seed);
  const id = (bytes: number) =>
    Array.from({ length: bytes }, () => random.integer(0, 256).toString(16).padStart(2, '0')).join('');
  return Array.from({ length: count }, () => {
    const route = random.integer(0, 100);
    return {
      traceId: id(16),
      spanId: id(8),
      service: 'shop',
      name: route < 80 ? 'GET /' : route < 99 ? 'GET /items' : 'GET /rare',
      kind: 2,
      start: BigInt(Date.now() - 1_800_000 + random.integer(0, 1_200_000)) * 1_000_000n,
      durationMs: random.integer(1, 100) ** 2 / 10,
      status: random.integer(0, 80) === 0 ? 2 : 0,
      attributes: { plan: random.pick(['free', 'free', 'free', 'team']) },
    };
  });
}

t.test(
  'of chosen traces, 180 of 200 intervals hold the truth, and the mean of 100 pulls is right',
  async (t) => {
    const engine = await engineWith(t, '0.165', []);
    let held = 0;
    let relative = 0;
    for (let seed = 0; seed < 100; seed++) {
      const all = manyTraces(seed, 2000);
      await engine.ask('TRUNCATE TABLE otel.otel_traces');
      await engine.ask(insertSpans(all, '0.165'));
      const { lines } = await pulled(t, engine.address, '--traces', '300');
      const weights = lines.slice(2).flatMap((line) => {
        const span = JSON.parse(line).resourceSpans[0].scopeSpans[0].spans[0];
        const of = new Map(
          (span.attributes as Attribute[]).map(({ key, value }) => [key, Object.values(value)[0]]),
        );
        return [{ name: span.name, plan: of.get('plan'), weight: Number(of.get('SampleRate')) }];
      });
      t.ok(weights.length <= 300, `${weights.length} traces`);
      t.ok(
        Math.abs(weights.reduce((sum, { weight }) => sum + weight, 0) - 2000) <= 3,
        'they add up to what the engine counted',
      );
      for (const [own, truth] of [
        [
          weights.filter(({ plan }) => plan === 'team'),
          all.filter(({ attributes }) => attributes?.plan === 'team').length,
        ],
        [
          weights.filter(({ name }) => name === 'GET /items'),
          all.filter(({ name }) => name === 'GET /items').length,
        ],
      ] as const) {
        const [sum, squares] = own.reduce(([a, b], { weight }) => [a + weight, b + weight ** 2], [0, 0]);
        if (Math.abs(sum - truth) <= (2 * sum) / Math.sqrt(sum ** 2 / squares)) held += 1;
        if (own.some(({ plan }) => plan === 'team'))
          relative += own.every(({ plan }) => plan === 'team') ? sum / truth - 1 : 0;
      }
    }
    t.ok(held >= 180, `${held} of 200`);
    t.ok(Math.abs(relative / 100) < 0.03, `the mean is off by ${relative / 100}`);
  },
);

t.test('a smaller pull is a part of a larger one', async (t) => {
  const engine = await engineWith(t, '0.150', manyTraces(7, 3000));
  const idsOf = (lines: readonly string[]) =>
    new Set(
      lines.slice(2).flatMap((line) => JSON.parse(line).resourceSpans[0].scopeSpans[0].spans[0].traceId),
    );
  const [small, large] = [
    await pulled(t, engine.address, '--traces', '150'),
    await pulled(t, engine.address, '--traces', '900'),
  ];
  const missing = [...idsOf(small.lines)].filter((id) => !idsOf(large.lines).has(id));
  t.same(missing, []);
});

t.test('a profile of readonly=1 is asked without settings', async (t) => {
  const engine = await engineWith(t, '0.150', manyTraces(3, 50));
  await engine.ask('SET readonly = 1');
  const { said } = await pulled(t, engine.address);
  t.match(said, /takes no settings/);
});

t.test(
  'the rate of a span itself counts, in either spelling, and log records of chosen traces have it too',
  async (t) => {
    const [first] = manyTraces(1, 1);
    const span = { ...first, attributes: { SampleRate: 5, sampleRate: 7 } };
    const record = { traceId: span.traceId ?? '', time: span.start ?? 0n, body: 'said', service: 'shop' };
    const engine = await engineWith(t, '0.165', [span], [record]);
    const { lines } = await pulled(t, engine.address);
    const rates = (attributes: Attribute[]) => attributes.filter(({ key }) => /^samplerate$/i.test(key));
    t.same(rates(JSON.parse(lines[2] ?? '').resourceSpans[0].scopeSpans[0].spans[0].attributes), [
      { key: 'SampleRate', value: { intValue: '7' } },
    ]);
    t.equal(JSON.parse(lines[3] ?? '').resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue, 'said');
  },
);
