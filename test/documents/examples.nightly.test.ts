import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { ReceivedSpan } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { packPackage } from '../../scripts/lib/pack-package.ts';
import { compile } from '../helpers/compile.ts';
import { INSTALL_TIMEOUT_MS, npm } from '../helpers/npm.ts';
import { freePort, ROOT } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';
import { wireTree } from '../helpers/wire-tree.ts';

t.setTimeout(INSTALL_TIMEOUT_MS);
const run = promisify(execFile);
const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());
const work = t.testdir();
const tarball = await packPackage('telemetry', work);

/** A copy of an example, changed by its patch, outside of this workspace, with the tarball as its @tandem/telemetry. */
async function install(example: string, patch?: string): Promise<string> {
  const directory = join(work, `${example}${patch ?? ''}`);
  const isInstalled = (path: string) =>
    basename(path) === 'node_modules' || path.endsWith('package-lock.json');
  await cp(join(ROOT, 'examples', example), directory, {
    recursive: true,
    filter: (path) => !isInstalled(path),
  });
  const outside = { cwd: directory, env: { ...process.env, GIT_CEILING_DIRECTORIES: work } };
  if (patch !== undefined) await run('git', ['apply', patch], outside);
  const manifest = await readFile(join(directory, 'package.json'), 'utf8');
  await writeFile(join(directory, 'package.json'), manifest.replace(/file:[^"]+\.tgz/, `file:${tarball}`));
  await npm(directory, ['install']);
  return directory;
}

const environment = (more: Readonly<Record<string, string>> = {}) => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_METRICS_EXPORTER: 'none', // the receiver takes none
  ...more,
});

/** Runs `npm start` without npm. */
async function start(
  t: Test,
  directory: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ origin: string; output(): string; stop(): Promise<void> }> {
  const port = await freePort();
  const service = spawn(process.execPath, await scriptOf(directory, 'start'), {
    cwd: directory,
    env: environment({ PORT: String(port), ...more }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [service.stdout, service.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exited = once(service, 'exit');
  t.teardown(() => service.kill('SIGKILL'));
  const origin = `http://127.0.0.1:${port}`;
  await untilAnswers(origin, () => output);
  const stop = async () => {
    service.kill('SIGTERM');
    const [code] = await exited;
    t.equal(code, 0, output);
  };
  return { origin, output: () => output, stop };
}

/** Waits until a service has started. It has no route `/`. */
async function untilAnswers(origin: string, output = () => ''): Promise<void> {
  const answers = () =>
    fetch(origin).then(
      (response) => response.status === 404,
      () => false,
    );
  await until(answers, { what: () => `${origin} answers. Output:\n${output()}`, everyMs: 50 });
}

/** The arguments of Node in a script of an example's package.json. */
async function scriptOf(directory: string, name: string): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const [node, ...args] = scripts[name].split(' ');
  if (node !== 'node') throw new Error(`the script ${name} is no call of node: ${scripts[name]}`);
  return args;
}

/** The tree of the trace that a span of this name is in, when it has so many spans. */
async function treeWith(name: string, spans: number): Promise<string> {
  const traceOf = (): readonly ReceivedSpan[] => {
    const found = receiver.spans().find((span) => span.name === name);
    return found === undefined ? [] : receiver.spansOf(found.traceId);
  };
  await receiver.waitFor(() => traceOf().length >= spans);
  return wireTree(traceOf()).trim();
}

t.test('ES modules in TypeScript: pino, Kysely, fetch and a queue', async (t) => {
  const directory = await install('esm-typescript');
  const { origin, stop } = await start(t, directory);
  t.match(await (await fetch(`${origin}/orders/1`)).json(), { item: 'tandem', cents: 1250 });
  t.equal(
    await treeWith('send mail', 5),
    `orders  GET /orders/:id  SERVER
  orders  SELECT orders  CLIENT
  orders  GET /prices/:id  CLIENT
    orders  GET /prices/:id  SERVER
  orders  send mail  INTERNAL`,
  );
  const [order] = receiver.spans().filter((span) => span.name === 'send mail');
  await receiver.waitFor(() => receiver.logRecords().some(({ body }) => body === 'order found'));
  const line = receiver.logRecords().find(({ body }) => body === 'order found');
  t.equal(line?.traceId, order?.traceId, 'its log line is in the trace');

  t.equal(await compile(directory, ['-p', directory]), '', 'its types fit');
  await stop();
});

t.test('CommonJS: undici, a worker thread, a script, a test', async (t) => {
  const directory = await install('commonjs');
  const { origin, stop } = await start(t, directory);
  t.equal(await (await fetch(`${origin}/thumbnails/cat`)).text(), 'an im');
  t.equal(
    await treeWith('resize', 4),
    `thumbnails  GET /thumbnails/:name  SERVER
  thumbnails  GET  CLIENT
    thumbnails  GET /images/:name  SERVER
  thumbnails  resize  INTERNAL`,
  );

  await stop();

  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await run(process.execPath, await scriptOf(directory, 'seed'), {
    cwd: directory,
    env: environment({ TRACEPARENT: traceparent }),
  });
  t.match(receiver.spansOf('0af7651916cd43dd8448eb211c80319c'), [
    { name: 'seed', parentSpanId: 'b7ad6b7169203331' },
  ]);

  const tested = await run(process.execPath, await scriptOf(directory, 'test'), {
    cwd: directory,
    env: environment(),
  });
  t.match(tested.stdout, /pass 1\b/);
});

t.test('a NodeSDK that runs already makes the spans', async (t) => {
  const directory = await install('existing-nodesdk');
  const { origin, stop } = await start(t, directory);
  t.match(await (await fetch(`${origin}/accounts/7`)).json(), { id: '7', cents: 900 });
  const tree = await treeWith('load-account', 4);
  t.equal(
    tree.replaceAll(/^( *)\S+ {2}/gm, '$1'),
    `GET /accounts/:id  SERVER
  load-account  INTERNAL
    GET  CLIENT
      GET /balances/:id  SERVER`,
  );
  await stop();
});

t.test("OpenTelemetry's own exporter sends the spans, and no other exporter does", async (t) => {
  const directory = await install('stock-exporter');
  const { origin, output, stop } = await start(t, directory);
  t.match(await (await fetch(`${origin}/parcels/7`)).json(), { id: '7' });
  await stop(); // sends what waits
  const requests = receiver.requests.filter(({ spanNames }) => spanNames.includes('GET /parcels/:id'));
  t.equal(requests.length, 1, 'one exporter sends the span');
  t.equal(await treeWith('GET /parcels/:id', 1), 'parcels  GET /parcels/:id  SERVER');
  t.match(output(), 'Telemetry of parcels: spans go nowhere', "it is not telemetry's own exporter");
});

for (const [sdk, patch] of [['SDK 2'], ['SDK 3', 'sdk-3.patch']])
  t.test(
    `two services by hand on ${sdk}: official packages alone make the trace of the pair, without SQL`,
    async (t) => {
      receiver.reset();
      const directory = await install('by-hand', patch);
      const hasSdk2 = existsSync(join(directory, 'node_modules', '@opentelemetry', 'sdk-trace-node'));
      t.equal(hasSdk2, sdk === 'SDK 2');
      const userLookupPort = await freePort();
      const { origin, stop } = await start(t, directory, { USER_LOOKUP_PORT: String(userLookupPort) });
      await untilAnswers(`http://127.0.0.1:${userLookupPort}`);
      const answer = await fetch(`${origin}/api/activities/home`);
      t.match(await answer.json(), [{ handle: 'worf', display_name: 'Worf' }]);
      await stop();
      const tree = await treeWith('home-activities-data', 5);
      t.equal(
        tree,
        `activities-api  GET /api/activities/home  SERVER
  activities-api  home-activities-data  INTERNAL
    activities-api  GET  CLIENT
      user-lookup  GET /api/users  SERVER
    activities-api  home-result-activities  INTERNAL`,
      );
      const readme = await readFile(join(ROOT, 'examples', 'by-hand', 'README.md'), 'utf8');
      t.ok(readme.includes(tree), 'its README shows this tree');
      const names = ['home-activities-data', 'home-result-activities'];
      const [outer, inner] = names.map(
        (name) => receiver.spans().find((span) => span.name === name)?.attributes,
      );
      t.match(outer, { outer: true, 'app.now': /^20/ });
      t.match(inner, { inner: true, 'app.now': outer?.['app.now'], 'app.result_length': 1 });
    },
  );
