import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { IS_NIGHT } from './helpers/nightly.ts';
import type { PairOptions } from './helpers/pair.ts';
import { startPair } from './helpers/pair.ts';
import type { TestProcess } from './helpers/processes.ts';
import { until } from './helpers/until.ts';

/** OpenTelemetry's packages that every request of the pair takes its road through. */
const LIST = ['exporter-trace-otlp-proto', 'instrumentation-undici', 'sdk-trace-base', 'sdk-trace-node'];
const BEHIND_ITS_SWITCH = 'instrumentation-fastify';

/** At the end of the process, prints the loaded packages of OpenTelemetry, and whether `require` is still Node's. */
const REPORT = `
  import Module, { createRequire } from 'node:module';
  const { require } = Module.prototype;
  const { cache } = createRequire(process.cwd() + '/');
  process.on('exit', () => {
    const name = (path) => /.*[\\\\/]node_modules[\\\\/]@opentelemetry[\\\\/]([^\\\\/]+)/.exec(path)?.[1];
    const loaded = [...new Set(Object.keys(cache).map(name))];
    const isPatched = Module.prototype.require !== require;
    console.log('\\n' + JSON.stringify({ loaded, isPatched }));
  });
`;

interface Report {
  /** Those of the list. */
  readonly loaded: readonly string[];
  readonly isPatched: boolean;
}

const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());

/** Starts the pair, asks for the home feed, stops the pair, and returns the report of each service. */
async function reportsOf(env: NonNullable<PairOptions['env']>): Promise<Report[]> {
  const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(REPORT)}`];
  const pair = await startPair({ otlpUrl: receiver.url, env, nodeOptions });
  try {
    const home = async () => {
      const response = await fetch(`${pair.api}/api/activities/home`);
      return (await response.json()) as { readonly degraded: boolean };
    };
    // A look-up has a second: the first one may take longer on a busy machine.
    await until(async () => !(await home()).degraded);
  } finally {
    await pair.stop();
  }
  return [pair.activities, pair.userLookup].map(reportIn);
}

function reportIn({ output }: TestProcess): Report {
  const line = output()
    .split('\n')
    .find((each) => each.startsWith('{"loaded"'));
  const { loaded, isPatched }: Report = JSON.parse(String(line));
  const listed = [...LIST, BEHIND_ITS_SWITCH].filter((name) => loaded.includes(name));
  return { loaded: listed.toSorted(), isPatched };
}

t.test("a service of the pair has loaded all of the project's package list", async (t) => {
  const report = { loaded: LIST, isPatched: true };
  t.same(await reportsOf({}), [report, report]);
  const [traced] = receiver.spans().filter(({ kind }) => kind === 'CLIENT');
  t.ok(traced, 'the request went through it');
});

if (IS_NIGHT)
  t.test('instrumentation-fastify is loaded behind its switch', async (t) => {
    const report = { loaded: [...LIST, BEHIND_ITS_SWITCH].toSorted(), isPatched: true };
    t.same(await reportsOf({ TRACE_FASTIFY_LIFECYCLE: 'true' }), [report, report]);
  });

if (IS_NIGHT)
  t.test('with TRACE_LEAN the require of modules is as Node has it', async (t) => {
    const reports = await reportsOf({ TRACE_LEAN: 'true' });
    t.same(
      reports.map(({ isPatched }) => isPatched),
      [false, false],
    );
  });
