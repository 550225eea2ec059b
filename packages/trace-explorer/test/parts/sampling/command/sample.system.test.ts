import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import type { SamplingReport } from '../../../../src/parts/sampling/server/schemas.ts';
import { runCli } from '../../../core/command/run-cli.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { storeLogs, storeSpans } from '../../../spans.ts';

const products = new URL('../server/products/', import.meta.url);
const rules = (name: string) => new URL(`${name}.yaml`, products).pathname;
const shop = gunzipSync(readFileSync(new URL('shop.json.gz', products))).toString();

const { app } = await temporaryExplorer(t);
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
const headers = { 'content-type': 'application/json' };
await fetch(`${url}/api/import`, { method: 'POST', headers, body: shop });
const sample = (...args: string[]) => runCli('sample', ['--url', url, ...args]);

t.test('what is kept, what a month costs, and what is lost, as a table, Markdown and JSON', async (t) => {
  const table = await sample('--rules', rules('collector-01-errors-slow'));
  t.match(table, { code: 0, out: /^Sampling, tried on 298 traces of 10 minutes\n/ });
  t.match(table.out, /^collector-01-errors-slow\.yaml +59 \(19\.8 %\) +280 \(21\.6 %\) /m);
  t.match(table.out, /^collector-01-errors-slow\.yaml: \d+ causes? would no longer be found$/m);
  t.match(table.out, /The range has less than an hour/);
  t.match(table.out, /^errors +22 +22 +111$/m);
  t.match(table.out, /No weights: .*usetracestate/);
  const markdown = await sample('--rules', rules('refinery-02-rules'), '--markdown');
  t.match(markdown.out, '\n| Rule | Traces | Kept | Events kept |\n| --- | --- | --- | --- |\n');
  const json = await sample('--rules', rules('refinery-02-rules'), '--json');
  const report: SamplingReport = JSON.parse(json.out);
  t.match(report, { all: { traces: 298, spans: 1246, span_events: 18, links: 33 }, short: true });
  t.equal(report.trials[0]?.rules.find(({ rule }) => rule.endsWith('drop health'))?.kept, 0);
  t.match(report.trials[0]?.lost.routes, [{ service: 'shop', route: 'GET /health', gone: 1 }]);
});

t.test('a file is read without the running explorer, and several rules stand side by side', async (t) => {
  const file = join(t.testdir(), 'shop.json');
  writeFileSync(file, shop);
  const args = ['--rules', rules('refinery-01-deterministic'), '--keep', '10%', '--errors', '--compare'];
  const { code, out, error } = await runCli('sample', [file, ...args]);
  t.equal(code, 0, error);
  t.match(out, /^refinery-01-deterministic\.yaml +\d+ /m);
  t.match(out, /^keep 10 %, errors +\d+ .* 0 of 22 /m);
});

t.test(
  'the load of bench collector: all errors and slow traces are kept, as its samplers kept them',
  async (t) => {
    const sampler = readFileSync(
      new URL('../../../../../../deploy/collector/sampler.yaml', import.meta.url),
      'utf8',
    );
    const file = join(t.testdir(), 'sampler.yaml');
    writeFileSync(file, sampler.replace('SLOW_MS:-1000', 'SLOW_MS:-300'));
    const load = new URL('load.jsonl.gz', products).pathname;
    const { code, out, error } = await runCli('sample', [load, '--rules', file, '--tracestate']);
    t.equal(code, 0, error);
    t.match(out, /^Sampling, tried on 600 traces of /);
    t.match(out, /^sampler\.yaml +77 \(12\.8 %\) .* 0 of 6 /m);
    t.match(out, /^errors +6 +6 /m);
    t.match(out, /^slow +6 +6 /m);
  },
);

t.test('--suggest writes rules of both products that keep the budget, and no file twice', async (t) => {
  const folder = t.testdir();
  const first = await sample('--suggest', '2_500_000', '--write', folder, '--json');
  t.equal(first.code, 0, first.error);
  const { suggestion, trials }: SamplingReport = JSON.parse(first.out);
  t.ok(suggestion?.reached && suggestion.events_month <= 2_500_000);
  const own = trials.map(({ kept }) => kept.events_month);
  t.equal(Math.max(...own), suggestion?.events_month, 'the larger of both files');
  t.match(first.error, /refinery\.yaml is written\. Of this traffic it keeps [\d,]+ events a month/);
  t.match(trials, [{ lost: { errors: { lost: 0 } } }, { lost: { errors: { lost: 0 } } }]);
  const again = await sample(
    '--rules',
    join(folder, 'refinery.yaml'),
    '--rules',
    join(folder, 'collector.yaml'),
    '--json',
  );
  const tried: SamplingReport = JSON.parse(again.out);
  t.same(
    tried.trials.map(({ kept }) => kept).reverse(),
    trials.map(({ kept }) => kept),
  );
  t.match(await sample('--suggest', '2_500_000', '--write', folder), { code: 1, error: /collector\.yaml/ });
});

t.test('bad input is named', async (t) => {
  const file = join(t.testdir(), 'rules.yaml');
  const say = async (text: string) => {
    writeFileSync(file, text);
    return (await sample('--rules', file)).error;
  };
  t.match(await say('a: ['), /rules\.yaml: The file is not YAML/);
  t.match(await say('a: 1'), /rules\.yaml: The file has no tail_sampling of a Collector/);
  const policy = (text: string) => say(`processors: {tail_sampling: {policies: [${text}]}}`);
  t.match(
    await policy('{name: a, type: latency, latency: {threshold: 5}}'),
    /policies\[0\]\.latency: not known here is "threshold"/,
  );
  t.match(
    await policy(
      '{name: a, type: string_attribute, string_attribute: {key: a, values: ["("], enabled_regex_matching: true}}',
    ),
    /not a regular expression of RE2/,
  );
  t.match(await sample('--keep', 'most'), {
    code: 1,
    error: /--keep takes a number from 0 to 100, not "most"/,
  });
  t.match(await sample(), { code: 2, error: /Name rules with --rules/ });
  t.match(await sample('--rules', join(t.testdir(), 'none.yaml')), { code: 1, error: /none\.yaml/ });
  t.match(
    await say('RulesVersion: 2\nSamplers: {prod: {DeterministicSampler: {SampleRate: 2}}}'),
    /no __default__.*Name one of prod with --environment/,
  );
  t.match(await say('OTEL_TRACES_SAMPLER=moon'), /"moon" is not modelled/);
});

t.test('a range has two ends, and a policy of an unknown type is named', async (t) => {
  const spans = async (range: string) => {
    const { code, out, error } = await sample('--keep', '100%', '--json', '--range', range);
    t.equal(code, 0, error);
    return (JSON.parse(out) as SamplingReport).all.spans;
  };
  const report: SamplingReport = JSON.parse((await sample('--keep', '100%', '--json')).out);
  const [first, last] = [report.start_time, report.end_time + 1];
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  const middle = (first + last) / 2;
  const [before, after] = [
    await spans(`${at(first - 1)}..${at(middle)}`),
    await spans(`${at(middle)}..${at(last)}`),
  ];
  t.ok(before > 0 && after > 0);
  t.equal(before + after, 1246);
  for (const range of ['1h', '1h..2h', 'a..b', '1h..1h..1h'])
    t.match(await sample('--keep', '1', '--range', range), { code: 1, error: /--range|not a time/ });
  const file = join(t.testdir(), 'rules.yaml');
  writeFileSync(
    file,
    'processors: {tail_sampling: {policies: [{name: new, type: moon_phase, moon_phase: 3}]}}',
  );
  const { code, out } = await sample('--rules', file);
  t.equal(code, 0);
  t.match(out, /Policy new: type "moon_phase" is not modelled/);
  t.match(out, /^rules\.yaml +0 \(0 %\) +0 \(0 %\) +0 \(0 to [1-9][\d,]+\) /m);
});

t.test(
  'a short range is named in seconds, and log records are said to be left out of the count',
  async (t) => {
    const { app, store } = await temporaryExplorer(t);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const start = 1_790_000_000_000_000_000n;
    await storeSpans(store, [{ start }, { start: start + 9_000_000_000n, durationMs: 1000 }]);
    await storeLogs(store, [{ time: start, body: 'a line' }]);
    const { code, out } = await runCli('sample', ['--url', address, '--keep', '10']);
    t.equal(code, 0);
    t.match(out, /^Sampling, tried on 2 traces of 10 seconds\n/);
    t.match(out, 'Not counted: 1 log record. Honeycomb counts each as an event');
  },
);

t.test('a suggestion keeps errors and slow traces whole unless it is told not to', async (t) => {
  const ask = async (...more: string[]) => {
    const folder = t.testdir();
    const { out } = await sample('--suggest', '1', '--write', folder, '--json', ...more);
    return (JSON.parse(out) as SamplingReport).suggestion;
  };
  t.match(await ask(), { reached: false, collector: /name: errors[\s\S]*name: slow/ });
  const none = await ask('--no-errors', '--no-slower');
  t.notMatch(none?.collector, /name: (?:errors|slow)/);
  t.notMatch(none?.refinery, /Name: (?:errors|slow)/);
});
