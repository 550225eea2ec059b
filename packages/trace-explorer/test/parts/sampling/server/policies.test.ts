import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import {
  largestHash,
  thresholdOf,
  traceHash,
} from '../../../../src/parts/sampling/server/decide/trace-hash.ts';
import { readRules } from '../../../../src/parts/sampling/server/rules/read-rules.ts';
import { readStretch, readTraffic } from '../../../../src/parts/sampling/server/traffic.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans, temporaryStore } from '../../../spans.ts';

const all = { start: 0n, end: 2n ** 62n };
const begin = 1_790_000_000_000_000_000n;

const read = (text: string) => readRules({ name: 'rules', text }, new Map());

/** What rules keep of some traces, in the order of the traces. */
async function kept(
  t: { teardown(fn: () => unknown): void },
  spans: readonly PlainSpan[],
  policies: string,
  { gate = false, more = '' } = {},
) {
  const text = `processors: {tail_sampling: {decision_wait: 1s, ${more} policies: [${policies}]}}`;
  return decided(t, spans, text, gate);
}

/** The decisions of a rules file, by the ids of the traces. */
async function decided(
  t: { teardown(fn: () => unknown): void },
  spans: readonly PlainSpan[],
  text: string,
  gate = false,
) {
  const store = await temporaryStore(t);
  await storeSpans(store, spans);
  const rules = readRules({ name: 'rules', text }, store.fields());
  const traffic = await readTraffic(store, await readStretch(store, all));
  const { decisions, others } = await rules.decide(traffic, gate);
  const of = (values: { readonly [trace: number]: number | string | undefined }) =>
    Object.fromEntries(traffic.traceIds.map((id, trace) => [id, values[trace]]));
  return {
    kept: of(decisions.kept),
    rate: of(decisions.rate),
    rule: of(decisions.rule),
    key: of(decisions.key),
    others,
    notes: [...rules.notes],
  };
}

/** A trace of one span that begins so many milliseconds after the others. */
function single(traceId: string, after: number, more: Partial<PlainSpan> = {}): PlainSpan {
  const start = begin + BigInt(after) * 1_000_000n;
  return {
    traceId,
    spanId: randomId(8),
    service: 'shop',
    name: 'GET /',
    kind: 2,
    start,
    durationMs: 1,
    ...more,
  };
}

const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(32)) as [string, string, string];

t.test('not, and, drop and trace_flags', async (t) => {
  const spans = [
    single(a, 0, { attributes: { team: 'red' } }),
    single(b, 1, { attributes: { team: 'blue' }, status: 2 }),
    single(c, 2),
  ];
  const red = '{name: red, type: string_attribute, string_attribute: {key: team, values: [red]}}';
  const failed = '{name: failed, type: status_code, status_code: {status_codes: [ERROR]}}';
  const of = async (policy: string) => (await kept(t, spans, policy)).kept;
  t.same(await of(`{name: n, type: not, not: {not_sub_policy: ${red}}}`), { [a]: 0, [b]: 1, [c]: 1 });
  t.same(
    await of(
      `{name: n, type: and, and: {and_sub_policy: [{name: n, type: not, not: {not_sub_policy: ${red}}}, ${failed}]}}`,
    ),
    { [a]: 0, [b]: 1, [c]: 0 },
  );
  t.same(
    await of(`{name: all, type: always_sample}, {name: d, type: drop, drop: {drop_sub_policy: [${failed}]}}`),
    { [a]: 1, [b]: 0, [c]: 1 },
  );
  const flagged = [
    single(a, 0, { flags: 1 }),
    single(b, 1, { flags: 0x300 }),
    single(c, 2, { flags: 0x301 }),
  ];
  t.same((await kept(t, flagged, '{name: f, type: trace_flags}')).kept, { [a]: 1, [b]: 0, [c]: 1 });
});

t.test('trace_state without a value that could be there keeps nothing', async (t) => {
  const spans = [single(a, 0, { traceState: 'vendor=x' }), single(b, 1)];
  const of = async (values: string) =>
    (await kept(t, spans, `{name: s, type: trace_state, trace_state: {key: vendor, values: ${values}}}`))
      .kept;
  t.same(await of('[x]'), { [a]: 1, [b]: 0 });
  for (const values of ['[]', "['']", `['${'y'.repeat(256)}']`])
    t.same(await of(values), { [a]: 0, [b]: 0 }, values);
});

t.test('conditions of OTTL: comparisons, IsMatch, and, or, not', async (t) => {
  const spans = [
    single(a, 0, { attributes: { team: 'red', rows: 5, cached: false, share: 1.5e16 }, durationMs: 30 }),
    single(b, 1, {
      attributes: { team: 'blue "sea"', rows: 2, cached: true, share: 0.5 },
      status: 2,
      kind: 3,
    }),
    single(c, 2, { name: 'POST /' }),
  ];
  const policy = (condition: string) =>
    `{name: o, type: ottl_condition, ottl_condition: {span: [${JSON.stringify(condition)}]}}`;
  const fitting: Readonly<Record<string, readonly string[]>> = {
    'attributes["team"] == "red"': [a],
    'span.attributes[ "team" ] != "red"': [b, c],
    'attributes["team"] == "blue \\"sea\\""': [b],
    'attributes["team"] == nil': [c],
    'attributes["none"] == attributes["never"]': [a, b, c],
    'attributes["rows"] >= 2 and attributes["rows"] < 5e0': [b],
    'attributes["rows"] > "1"': [],
    'attributes["cached"] == true or name == "POST /"': [b, c],
    'not attributes["cached"] == true and not (name == "POST /")': [a],
    'not (attributes["team"] == "red" or attributes["team"] == nil) or kind == 3 and name == "x"': [b],
    'status.code == STATUS_CODE_ERROR': [b],
    'span.kind == 3': [b],
    'kind == SPAN_KIND_CLIENT or (kind == SPAN_KIND_SERVER and IsMatch(name, "^PO+ST"))': [b, c],
    'IsMatch(attributes["share"], "^15000000000000000$")': [a],
    'IsMatch(attributes["cached"], "^true$")': [b],
    'end_time_unix_nano - start_time_unix_nano > 20000000': [a],
    'resource.attributes["service.name"] == "shop"': [a, b, c],
  };
  for (const [condition, expected] of Object.entries(fitting)) {
    const { kept: found, others } = await kept(t, spans, policy(condition));
    t.same(
      Object.keys(found).filter((id) => found[id] === 1),
      expected,
      condition,
    );
    t.same(others, [], condition);
  }
  const unknown = [
    'Len(attributes) > 3',
    'rows == 1',
    'attributes["rows"] + 1 > 2',
    'attributes["a"] == 1 attributes["b"] == 2',
    'attributes["a"] == 1 and',
    '(attributes["a"] == 1',
    'not',
    'attributes["a"]["b"] == 1',
    'IsMatch(name, "(")',
    'attributes["a"] == "open',
    '',
  ];
  for (const condition of unknown) {
    const notes = [...read(`processors: {tail_sampling: {policies: [${policy(condition)}]}}`).notes];
    t.match(notes, [/^Policy o: the condition is not made of comparisons alone/], condition);
  }
});

t.test('the key of a dynamic sampler: at most 99 values, and floats as Go prints them', async (t) => {
  const names = Array.from({ length: 120 }, (_, at) => `n${String(at).padStart(3, '0')}`);
  const many = names.map((name, at) => single(a, at, { attributes: { shelf: name } }));
  const floats = [5.5, 1.5e16, -2e20].map((size, at) => single(b, at, { attributes: { size } }));
  const rules = 'RulesVersion: 2\nSamplers: {__default__: {DynamicSampler: {FieldList: [shelf, size]}}}';
  const { key } = await decided(t, [...many, ...floats], rules);
  t.same(key[a], `${names.slice(0, 99).join('•')}•,`);
  t.same(key[b], '-200000000000000000000•15000000000000000•5.5•,');
});

t.test('bytes_limiting takes the size of a trace', async (t) => {
  const spans = [single(a, 0), single(b, 1), single(c, 3000)];
  const limited = (bytes: number, burst: number) =>
    `{name: l, type: bytes_limiting, bytes_limiting: {bytes_per_second: ${bytes}, burst_capacity: ${burst}}}`;
  // A trace of these has more than 50 and fewer than 150 bytes.
  t.same((await kept(t, spans, limited(1, 150))).kept, { [a]: 1, [b]: 0, [c]: 0 });
  t.same((await kept(t, spans, limited(100, 150))).kept, { [a]: 1, [b]: 0, [c]: 1 });
  t.same((await kept(t, spans, limited(1000, 50))).kept, { [a]: 0, [b]: 0, [c]: 0 });
});

t.test(
  'the feature gate: random bits decide, a limit keeps the highest ones, and the threshold is the weight',
  async (t) => {
    const id = (bits: string) => `${'1'.repeat(18)}${bits.padEnd(14, '0')}`;
    const [low, middle, high] = [id('1'), id('9'), id('f')];
    const state = { traceState: 'ot=th:0' };
    const half = '{name: half, type: probabilistic, probabilistic: {sampling_percentage: 50}}';
    const spans = [
      single(low, 0, state),
      single(middle, 1, state),
      single(high, 2, { traceState: 'ot=rv:00000000000001' }),
    ];
    const gated = await kept(t, spans, half, { gate: true });
    t.same(gated.kept, { [low]: 0, [middle]: 1, [high]: 0 }, 'rv stands for the id');
    t.equal(gated.rate[middle], 2);
    const limit = '{name: l, type: rate_limiting, rate_limiting: {spans_per_second: 1, burst_capacity: 1}}';
    const plain = [single(low, 0), single(middle, 1), single(high, 2)];
    const limited = await kept(t, plain, limit, { gate: true });
    t.same(limited.kept, { [low]: 0, [middle]: 0, [high]: 1 });
    t.equal(
      limited.rate[high],
      2 ** 56 / (2 ** 56 - Number(0x9n << 52n) - 1),
      'the threshold is behind the first dropped one',
    );
    t.same(
      (await kept(t, plain, limit)).kept,
      { [low]: 1, [middle]: 0, [high]: 0 },
      'without the gate the first ones',
    );
    const within = (own: string) => kept(t, plain, own, { gate: true });
    const notLow = `{name: n, type: not, not: {not_sub_policy: {name: x, type: span_count, span_count: {min_spans: 2}}}}`;
    t.same(
      (await within(`{name: a, type: and, and: {and_sub_policy: [${limit}, ${notLow}]}}`)).kept,
      { [low]: 0, [middle]: 0, [high]: 1 },
      'within an and policy too',
    );
    const sub = `composite_sub_policy: [${limit}], rate_allocation: [{policy: l, percent: 100}]`;
    t.same(
      (await within(`{name: c, type: composite, composite: {max_total_spans_per_second: 9, ${sub}}}`)).kept,
      { [low]: 1, [middle]: 0, [high]: 0 },
      'within a composite policy the first ones',
    );
  },
);

t.test('hashes and thresholds have the values of Go', (t) => {
  // fnv.New64a over "default-hash-seed" and 16 bytes, by BigInt.
  const fnv = (bytes: Uint8Array) =>
    bytes.reduce(
      (hash, byte) => ((hash ^ BigInt(byte)) * 0x100_0000_01b3n) & (2n ** 64n - 1n),
      0xcbf2_9ce4_8422_2325n,
    );
  for (let at = 0; at < 200; at++) {
    const traceId = createHash('md5').update(String(at)).digest('hex');
    t.equal(
      traceHash('salt')(traceId),
      fnv(Buffer.concat([Buffer.from('salt'), Buffer.from(traceId, 'hex')])),
    );
  }
  // What 0.161's calculateThreshold gives.
  t.equal(largestHash(0.5), 9_223_372_036_854_775_807n);
  t.equal(largestHash(0.1), 1_844_674_407_370_955_263n);
  t.equal(largestHash(0.035), 645_636_042_579_834_367n);
  t.equal(largestHash(1), 2n ** 64n - 1n);
  t.equal(largestHash(0), 0n);
  t.equal(thresholdOf(0.25), 0xc0_0000_0000_0000n);
  t.equal(thresholdOf(1), 0n);
  t.equal(thresholdOf(0), 2n ** 56n);
  t.end();
});

t.test('head sampling decides as the SDK’s own sampler', async (t) => {
  // Ids with a first half of 0 are stored without it.
  const ids = Array.from(
    { length: 300 },
    (_, at) => (at % 9 === 0 ? '0'.repeat(16) : '') + randomId(at % 9 === 0 ? 8 : 16),
  );
  const store = await temporaryStore(t);
  await storeSpans(
    store,
    ids.map((id, at) => single(id, at)),
  );
  const text = 'OTEL_TRACES_SAMPLER=parentbased_traceidratio\nOTEL_TRACES_SAMPLER_ARG=0.3\n';
  const traffic = await readTraffic(store, await readStretch(store, all));
  const { decisions } = await readRules({ name: 'head', text }, store.fields()).decide(traffic, false);
  const sampler = new TraceIdRatioBasedSampler(0.3);
  for (const [trace, id] of traffic.traceIds.entries()) {
    const { decision } = sampler.shouldSample(ROOT_CONTEXT, id.padStart(32, '0'));
    t.equal(decisions.kept[trace] === 1, decision > 0, id);
  }
});

t.test('consistent_probability compares random bits with a threshold of four digits behind f', async (t) => {
  const id = (bits: string) => `${'1'.repeat(18)}${bits.padEnd(14, '0')}`;
  const of = async (ratio: number, bits: readonly string[]) => {
    const rules = `OTEL_TRACES_SAMPLER=consistent_probability\nOTEL_TRACES_SAMPLER_ARG=${ratio}\n`;
    const spans = bits.map((each, at) => single(id(each), at));
    const { kept: found, rate } = await decided(t, spans, rules);
    return bits.map((each) => (found[id(each)] === 1 ? rate[id(each)] : 0));
  };
  t.same(await of(0.1, ['e665f', 'e666']), [0, 65_536 / 6554]);
  t.same(await of(0.01, ['fd709f', 'fd70a']), [0, 2 ** 20 / 0x28f6]);
  t.same(await of(1, ['0']), [1]);
  t.same(await of(0, ['ffffffffffffff']), [0]);
});

t.test('a policy that is not modelled is named, and the totals have bounds', async (t) => {
  const spans = [single(a, 0), single(b, 1, { status: 2 })];
  const policies = `{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}, {name: new, type: moon_phase}`;
  const found = await kept(t, spans, policies);
  t.same(found.kept, { [a]: 0, [b]: 1 });
  t.same(
    found.others.map(({ kept }) => [...kept]),
    [[1, 1]],
  );
  t.match(
    [...read(`processors: {tail_sampling: {policies: [${policies}]}}`).notes],
    [/moon_phase.*not modelled/],
  );
});

t.test('settings that are not modelled are named when they differ from the default', async (t) => {
  const spans = [single(a, 0), single(b, 1)];
  const whole = '{name: all, type: always_sample}';
  const notesOf = (more: string) =>
    [...read(`processors: {tail_sampling: {${more} policies: [${whole}]}}`).notes].join();
  for (const setting of [
    'sampling_strategy: span-ingest',
    'decision_wait_after_root_received: 5s',
    'maximum_trace_size_bytes: 50',
    'num_shards: 4',
    'block_on_overflow: true',
  ])
    t.match(notesOf(`${setting},`), `${setting.split(':')[0]}: not modelled`);
  t.equal(
    notesOf('sampling_strategy: trace-complete, decision_wait_after_root_received: 0s, num_shards: 1,'),
    '',
  );
  t.same(
    (await kept(t, spans, whole, { more: 'num_traces: 1_000,' })).notes,
    [],
    'Go’s way to write a number',
  );
  t.equal(read(`tail_sampling: {policies: [${whole}]}`).product, 'collector', 'the processor alone');
  t.match((await kept(t, spans, whole, { more: 'num_traces: 1,' })).notes, [/^num_traces: not modelled/]);
  t.same((await kept(t, spans, whole, { more: 'num_traces: 2,' })).notes, []);
});

t.test('the policies in their order: the first match decides alone with sample_on_first_match', async (t) => {
  const spans = [single(a, 0, { status: 2 }), single(b, 1), single(c, 2)];
  const limited =
    '{name: limited, type: rate_limiting, rate_limiting: {spans_per_second: 1, burst_capacity: 1}}';
  const policies = `{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}, ${limited}`;
  t.same((await kept(t, spans, policies)).kept, { [a]: 1, [b]: 0, [c]: 0 }, 'the error takes the token');
  t.same(
    (await kept(t, spans, policies, { more: 'sample_on_first_match: true,' })).kept,
    { [a]: 1, [b]: 1, [c]: 0 },
    'the error asks for no token',
  );
});

t.test('the Collector’s sampler in deploy/ is read with its defaults', (t) => {
  const file = new URL('../../../../../../deploy/collector/sampler.yaml', import.meta.url);
  const { product, notes } = read(readFileSync(file, 'utf8'));
  t.equal(product, 'collector');
  t.same([...notes], []);
  t.end();
});

t.test('a rules file has a bound, keys once, and numbers that compare', async (t) => {
  t.throws(() => read('\n'.repeat(70_000)), { message: /more than 64000 characters/ });
  t.throws(() => read('[ '.repeat(20_000)), { name: 'RulesError' });
  t.throws(() => read('RulesVersion: 2\nRulesVersion: 2'), { message: /keys must be unique/ });
  t.throws(() => read('RulesVersion: 2\n  x: 1'), { message: /at line \d/ });
  const rule = (value: string) =>
    `{RulesVersion: 2, Samplers: {__default__: {RulesBasedSampler: {Rules: [{Drop: true, Conditions: [{Field: load, Operator: '>', Value: ${value}}]}]}}}}`;
  t.throws(() => read(rule('.nan')), { message: /\.nan is no number/ });
  const spans = [single(a, 0, { attributes: { load: 5 } })];
  for (const [value, kept] of [
    ['.inf', 1],
    ['1e400', 1],
    ['-.inf', 0],
  ] as const)
    t.same((await decided(t, spans, rule(value))).kept, { [a]: kept }, value);
  const condition = `{name: o, type: ottl_condition, ottl_condition: {span: ['attributes["load"] < 1e400']}}`;
  t.same((await kept(t, spans, condition)).kept, { [a]: 1 });
});

t.test('decisions for which nobody waits end', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(
    store,
    Array.from({ length: 20_000 }, (_, at) => single(randomId(16), at)),
  );
  const traffic = await readTraffic(store, await readStretch(store, all));
  const rules = readRules({ name: 'rules', text: 'OTEL_TRACES_SAMPLER=always_on' }, store.fields());
  await t.rejects(rules.decide(traffic, false, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});
