import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { ROOT } from '../helpers/processes.ts';

const FOLDER = join(ROOT, 'deploy', 'collector');
const read = (path: string) => readFileSync(join(FOLDER, path), 'utf8');
const backends = globSync('backends/*.yaml', { cwd: FOLDER }).toSorted();
const guide = readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8');

/** Components of otel/opentelemetry-collector-contrib 0.161.0 that are used, by their section, with their own names. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  extensions: ['file_storage', 'health_check'],
  receivers: ['otlp'],
  processors: ['memory_limiter', 'tail_sampling', 'transform'],
  exporters: ['awsxray', 'clickhouse', 'load_balancing', 'otlp_grpc', 'otlp_http', 'zipkin'],
  connectors: ['forward'],
};
/** The exporter keeps no queue of its own. */
const WITHOUT_QUEUE = ['awsxray'];

interface Pipeline {
  readonly receivers: readonly string[];
  readonly processors?: readonly string[];
  readonly exporters: readonly string[];
}

interface Configuration {
  readonly [section: string]: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  // biome-ignore lint/suspicious/noExplicitAny: the service's section has another shape than the others
  readonly service: any;
}

/** Several files as the Collector merges them: objects by key, anything else replaced. */
function merged(paths: readonly string[]): Configuration {
  const merge = (a: unknown, b: unknown): unknown => {
    if (!isObject(a) || !isObject(b)) return b ?? a;
    return Object.fromEntries(
      [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [key, merge(a[key], b[key])]),
    );
  };
  return paths.map((path) => parse(read(path))).reduce(merge) as Configuration;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Mistakes that the Collector would refuse, or that a tier must not make, one line each. */
function faultsOf(configuration: Configuration): string[] {
  const faults: string[] = [];
  const used = new Map<string, Set<string>>(Object.keys(TYPES).map((section) => [section, new Set()]));
  const use = (sections: readonly string[], id: string, by: string) => {
    const section = sections.find((name) => configuration[name] !== undefined && id in configuration[name]);
    if (section === undefined) faults.push(`${by}: ${id} is not defined`);
    else used.get(section)?.add(id);
  };
  for (const id of configuration.service.extensions) use(['extensions'], id, 'service');
  for (const [name, pipeline] of Object.entries<Pipeline>(configuration.service.pipelines)) {
    for (const id of pipeline.receivers) use(['receivers', 'connectors'], id, name);
    for (const id of pipeline.processors ?? []) use(['processors'], id, name);
    for (const id of pipeline.exporters) use(['exporters', 'connectors'], id, name);
    if (pipeline.receivers.includes('otlp') && pipeline.processors?.[0] !== 'memory_limiter')
      faults.push(`${name}: memory_limiter is not the first processor`);
  }
  for (const [section, types] of Object.entries(TYPES)) {
    for (const [id, settings] of Object.entries(configuration[section] ?? {})) {
      const [type = ''] = id.split('/');
      if (!types.includes(type)) faults.push(`${section}: ${type} is no component`);
      if (!used.get(section)?.has(id)) faults.push(`${section}: ${id} is not used`);
      const queue = settings?.sending_queue as { storage?: string } | undefined;
      if (section === 'exporters' && !WITHOUT_QUEUE.includes(type) && queue?.storage !== 'file_storage')
        faults.push(`${id}: its queue is not on disk`);
    }
  }
  const known = [...Object.keys(TYPES), 'service'];
  for (const section of Object.keys(configuration))
    if (!known.includes(section)) faults.push(`${section} is no section`);
  return faults;
}

t.test('each tier and each backend is a whole configuration', (t) => {
  t.strictSame(faultsOf(merged(['agent.yaml'])), []);
  t.strictSame(faultsOf(merged(['gateway.yaml'])), []);
  t.ok(backends.length >= 5);
  for (const backend of backends) t.strictSame(faultsOf(merged(['sampler.yaml', backend])), [], backend);
  t.strictSame(faultsOf(merged(['sampler.yaml', ...backends])), [], 'all of them at once');
  t.strictSame(faultsOf(merged(['sampler.yaml'])), [], 'the sampler ends at the connector');
  t.strictSame(faultsOf(merged(['sampler.yaml', 'budget.yaml', ...backends])), [], 'other rules');
  t.end();
});

t.test('a wrong configuration is refused', (t) => {
  const agent = merged(['agent.yaml']);
  const { otlp_grpc } = agent.exporters as Record<string, Record<string, unknown>>;
  const wrong = {
    ...agent,
    exporters: { otlp_gprc: { ...otlp_grpc, sending_queue: {} } },
    service: {
      ...agent.service,
      pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_grpc'] } },
    },
  } as Configuration;
  t.strictSame(faultsOf(wrong), [
    'traces: otlp_grpc is not defined',
    'traces: memory_limiter is not the first processor',
    'processors: memory_limiter is not used',
    'exporters: otlp_gprc is no component',
    'exporters: otlp_gprc is not used',
    'otlp_gprc: its queue is not on disk',
  ]);
  t.end();
});

t.test('the sampler keeps errors, slow traces and one in ten of the rest, and writes the rate', (t) => {
  const { processors, service } = merged(['sampler.yaml']);
  const tail = processors?.tail_sampling as { policies: { type: string }[]; sample_on_first_match?: boolean };
  t.strictSame(
    tail.policies.map(({ type }) => type),
    ['status_code', 'latency', 'probabilistic'],
  );
  t.notOk(tail.sample_on_first_match, 'it would hide the policy that keeps more');
  t.strictSame(service.pipelines.traces.processors, [
    'memory_limiter',
    'tail_sampling',
    'transform/sample_rate',
  ]);
  const gate = '--feature-gates=processor.tailsamplingprocessor.usetracestate';
  const starters = globSync('deploy/{compose,kubernetes}/**/*.{yml,yaml}', { cwd: ROOT })
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')] as const)
    .filter(([, text]) => text.includes('/sampler.yaml'));
  t.equal(starters.length, 3);
  for (const [path, text] of starters) t.match(text, gate, `${path}: without it no threshold is written`);
  t.end();
});

t.test("the gateway balances by the trace's id", (t) => {
  const { exporters } = merged(['gateway.yaml']);
  t.match(exporters?.load_balancing, { routing_key: 'traceID', resolver: { dns: {} } });
  t.end();
});

t.test('X-Ray indexes every app.* that the services set, and the same in the example', (t) => {
  const sources = globSync('{services/*,packages/service-kit,packages/telemetry}/src/**/*.ts', {
    cwd: ROOT,
  });
  const set = sources.flatMap((path) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(/'(app\.[a-z_.]+)'/g)].map(([, name]) => name),
  );
  const { exporters } = merged(['backends/xray.yaml']);
  const indexed = exporters?.awsxray?.indexed_attributes as string[];
  t.strictSame(
    indexed.filter((name) => name.startsWith('app.')),
    [...new Set(set)].toSorted(),
  );
  const learners = parse(readFileSync(join(ROOT, 'examples/x-ray/collector.yaml'), 'utf8'));
  t.strictSame(learners.exporters.awsxray.indexed_attributes, indexed);
  t.end();
});

t.test('a variable has one default wherever it stands, and secrets have none', (t) => {
  const defaults = new Map<string, Set<string>>();
  for (const path of ['agent.yaml', 'gateway.yaml', 'sampler.yaml', ...backends])
    for (const [, name = '', value = ''] of read(path).matchAll(/\$\{env:([A-Z_]+)(?::-([^}]*))?\}/g))
      defaults.set(name, new Set(defaults.get(name)).add(value));
  t.ok(defaults.size > 10);
  for (const [name, values] of defaults) t.equal(values.size, 1, name);
  const without = [...defaults].filter(([, values]) => values.has('')).map(([name]) => name);
  t.strictSame(without.toSorted(), ['CLICKHOUSE_PASSWORD', 'HONEYCOMB_API_KEY']);
  for (const [, name = ''] of guide.matchAll(/\$\{env:([A-Z_]+)/g)) t.ok(defaults.has(name), name);
  t.end();
});

t.test('every place names the tried version, and every file is in the ConfigMap', (t) => {
  const [, version] = /opentelemetry-collector-contrib` (\d+\.\d+\.\d+)/.exec(guide) ?? [];
  t.ok(version);
  for (const path of globSync('deploy/**/*.{yml,yaml}', { cwd: ROOT }))
    for (const [, found] of readFileSync(join(ROOT, path), 'utf8').matchAll(
      /opentelemetry-collector-contrib(?::|, newTag: )([\d.]+)/g,
    ))
      t.equal(found, version, path);
  const { configMapGenerator } = parse(read('kustomization.yaml'));
  t.strictSame(
    [...configMapGenerator[0].files].toSorted(),
    ['gateway.yaml', 'sampler.yaml', ...backends].toSorted(),
  );
  t.end();
});
