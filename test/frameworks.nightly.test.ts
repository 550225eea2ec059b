import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import t from 'tap';
import { packPackage } from '../scripts/lib/pack-package.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary, npmInstall } from './helpers/npm.ts';
import { ROOT } from './helpers/processes.ts';

const NODES = ['22.23.3', process.versions.node, '26.10.0'];
const PACKAGES = {
  express: ['express@5.3.0'],
  'express 4': ['express@4'],
  koa: ['koa@3'],
  hono: ['hono@4', '@hono/node-server@2'],
  nest: [
    '@nestjs/core@12',
    '@nestjs/common@12',
    '@nestjs/platform-express@12',
    'reflect-metadata@0.2',
    'rxjs@7',
  ],
  plain: [],
};
const NAMES: Readonly<Record<string, string>> = {
  express: 'GET /orders/:id',
  'express 4': 'GET /orders/:id',
  nest: 'GET /orders/:id',
};

/** A span as OTLP JSON has it, as far as it is read. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
}

t.setTimeout(4 * INSTALL_TIMEOUT_MS);
// Outside of the workspace, whose packages would be found from here.
const work = await mkdtemp(join(tmpdir(), 'frameworks-'));
t.teardown(() => rm(work, { recursive: true, force: true }));
const installed = join(work, 'installed');
await npmInstall(installed, [await packPackage('trace-explorer', work)]);
const COMMAND = join(installed, 'node_modules', '@tandem', 'trace-explorer', 'trace-explorer.mjs');

/** Runs a command of the explorer to its end. */
async function explorer(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  const { PATH } = process.env;
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env: { PATH, HOME: work, ...env } });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += chunk));
  child.stderr.on('data', (chunk) => (said.err += chunk));
  const [code] = await once(child, 'close');
  return { code, ...said };
}

let runs = 0;

/** The spans of a command with `run`. */
async function spansOf(folder: string, command: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const file = join(work, `${++runs}.jsonl`);
  const inner = `"$@"; status=$?; sleep 1; NODE_OPTIONS= "${process.execPath}" "${COMMAND}" export --url "http://localhost:$PAGE" --out "${file}"; exit $status`;
  const PAGE = String(20_000 + Math.floor(Math.random() * 20_000));
  const options = ['--port', PAGE, '--otlp-port', '0', '--data-dir', join(work, `data-${runs}`)];
  const ran = await explorer(['run', ...options, '--', 'sh', '-c', inner, 'sh', ...command], folder, {
    ...env,
    PAGE,
  });
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const spans = lines.flatMap((line): Span[] =>
    (JSON.parse(line).resourceSpans ?? []).flatMap(({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) =>
      scopeSpans.flatMap((scope) => scope.spans),
    ),
  );
  return { ...ran, spans };
}

const pathOf = ({ attributes }: Span) => attributes.find(({ key }) => key === 'url.path')?.value.stringValue;

for (const [framework, packages] of Object.entries(PACKAGES))
  t.test(`${framework}: an untouched app with axios and fetch is one trace`, async (t) => {
    const folder = join(work, framework.replace(' ', '-'));
    await npmInstall(folder, [...packages, 'axios@1.21.1']);
    const body = await readFile(join(ROOT, 'test/frameworks/app-body.js'), 'utf8');
    for (const file of ['app.cjs', 'app.mjs']) {
      const start = await readFile(join(ROOT, 'test/frameworks', file), 'utf8');
      await writeFile(join(folder, file), start + body);
      for (const version of NODES) {
        const node = await nodeBinary(version);
        const PATH = [dirname(node), process.env.PATH].join(delimiter);
        const { spans, err } = await spansOf(folder, [node, file, framework.replace(' 4', '')], { PATH });
        const name = `${file} on Node ${version}`;
        const find = (path: string, kind: number) =>
          spans.find((span) => pathOf(span) === path && span.kind === kind);
        const server = find('/orders/7', 2);
        t.equal(spans.length, 6, `${name}: ${err}`);
        t.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1, name);
        t.equal(server?.name, NAMES[framework] ?? 'GET', name);
        t.equal(server?.parentSpanId, find('/orders/7', 3)?.spanId, name);
        for (const path of ['/axios', '/fetch']) {
          t.equal(find(path, 3)?.parentSpanId, server?.spanId, `${path}, ${name}`);
          t.equal(find(path, 2)?.parentSpanId, find(path, 3)?.spanId, `${path}, ${name}`);
        }
      }
    }
  });

/** Answers each of these by another kind of route of Express. */
const ROUTES = `
  const express = require('express');
  const app = express();
  app.use(express.json());
  app.use('/api', (_, __, next) => next());
  app.get('/', (_, response) => response.send('ok'));
  app.get('/users/:id', (_, __, next) => next(), (_, response) => response.send('ok'));
  app.get('/users/:id/next', (_, __, next) => next());
  const versioned = express.Router({ mergeParams: true });
  versioned.get('/', (_, response) => response.send('ok'));
  versioned.get('/items/:item', async (_, response) => response.send('ok'));
  const api = express.Router();
  api.use('/:version', versioned);
  app.use('/api', api);
  app.use('/static', express.static('/nowhere'));
  app.use('/middleware', (_, response) => response.send('ok'));
  app.get(/^\\/re(g)x$/, (_, response) => response.send('ok'));
  app.route('/route').get((_, response) => response.send('ok'));
  app.get('/fails', () => { throw new Error('planned'); });
  const sub = express();
  sub.get('/leaf/:x', (_, response) => response.send('ok'));
  app.use('/sub/:s', sub);
  const PATHS = ['/', '/users/7', '/users/7/next', '/api', '/api/v1', '/api/v1/', '/api/v1/items/3?x=1', '/static/x',
    '/middleware', '/regx', '/route', '/fails', '/sub/9/leaf/2', '/nowhere'];
  const server = app.listen(0, '127.0.0.1', async () => {
    for (const path of PATHS)
      await new Promise((resolve) => {
        const socket = require('node:net').connect(server.address().port, '127.0.0.1').resume().on('close', resolve);
        socket.write('GET ' + path + ' HTTP/1.1\\r\\nhost: a\\r\\nconnection: close\\r\\n\\r\\n');
      });
    process.kill(process.pid, 'SIGTERM');
  });
`;

/** An SDK of the app's own, without an exporter: it prints names and paths of SERVER spans. */
const SDK = `
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
  const { registerInstrumentations } = require('@opentelemetry/instrumentation');
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
  const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');
  const onEnd = ({ kind, name, attributes }) => {
    if (kind === 1) console.log(JSON.stringify([attributes['url.path'], name]));
  };
  const processor = { onStart() {}, onEnd, async forceFlush() {}, async shutdown() {} };
  new NodeTracerProvider({ spanProcessors: [processor] }).register();
  registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()] });
`;

t.test('beside and compared with instrumentation-http and -express', async (t) => {
  const folder = join(work, 'oracle');
  await npmInstall(folder, [
    'express@5.3.0',
    '@opentelemetry/api@1.9.1',
    '@opentelemetry/sdk-trace-node@2.12.0',
    '@opentelemetry/instrumentation@0.223.0',
    '@opentelemetry/instrumentation-http@0.223.0',
    '@opentelemetry/instrumentation-express@0.71.1',
  ]);
  await writeFile(join(folder, 'routes.cjs'), ROUTES);
  await writeFile(join(folder, 'sdk.cjs'), SDK);
  await writeFile(join(folder, 'with-sdk.cjs'), SDK + ROUTES);
  const named = (spans: readonly Span[]) =>
    spans.filter(({ kind }) => kind === 2).map((span) => JSON.stringify([pathOf(span), span.name]));

  const theirs = spawn(process.execPath, ['--require', './sdk.cjs', 'routes.cjs'], { cwd: folder });
  let said = '';
  theirs.stdout.on('data', (chunk) => (said += chunk));
  await once(theirs, 'close');
  const expected = said.trim().split('\n').toSorted();
  t.equal(expected.length, 14);

  const ours = await spansOf(folder, [process.execPath, 'routes.cjs']);
  t.same(named(ours.spans).toSorted(), expected, 'the same names on the same app');

  const beside = await spansOf(folder, [process.execPath, 'with-sdk.cjs']);
  t.same(named(beside.spans).toSorted(), expected, 'one SERVER span each beside an SDK of the app');
});
