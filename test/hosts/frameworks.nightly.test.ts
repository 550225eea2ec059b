import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import t from 'tap';
import type { Span } from '../frameworks/traced-runs.ts';
import { installExplorer, pathOf } from '../frameworks/traced-runs.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary, npmInstall } from '../helpers/npm.ts';
import { ROOT } from '../helpers/processes.ts';

/** Versions of Node, and the settings of a run. */
const RUNS: readonly (readonly [string, NodeJS.ProcessEnv])[] = [
  ['22.23.3', {}],
  [process.versions.node, {}],
  [process.versions.node, { TRACE_LEAN: 'true' }],
  ['26.10.0', {}],
];
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

t.setTimeout(4 * INSTALL_TIMEOUT_MS);
const { work, spansOf } = await installExplorer(t);

for (const [framework, packages] of Object.entries(PACKAGES))
  t.test(`${framework}: an untouched app with axios and fetch is one trace`, async (t) => {
    const folder = join(work, framework.replace(' ', '-'));
    await npmInstall(folder, [...packages, 'axios@1.21.1']);
    const body = await readFile(join(ROOT, 'test/frameworks/app-body.js'), 'utf8');
    for (const file of ['app.cjs', 'app.mjs']) {
      const start = await readFile(join(ROOT, 'test/frameworks', file), 'utf8');
      await writeFile(join(folder, file), start + body);
      for (const [version, settings] of RUNS) {
        const node = await nodeBinary(version);
        const PATH = [dirname(node), process.env.PATH].join(delimiter);
        const command = [node, file, framework.replace(' 4', '')];
        const { spans, err } = await spansOf(folder, command, { PATH, ...settings });
        const name = [file, version, Object.keys(settings)].join(' ');
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
  versioned.get('/fails', () => { throw new Error('planned'); });
  const api = express.Router();
  api.use('/:version', versioned);
  api.use('/again/:version', versioned);
  app.use('/api', api);
  app.use('/static', express.static('/nowhere'));
  app.use('/middleware', (_, response) => response.send('ok'));
  app.get(/^\\/re(g)x$/, (_, response) => response.send('ok'));
  app.route('/route').get((_, response) => response.send('ok'));
  app.get('/fails', () => { throw new Error('planned'); });
  const sub = express();
  sub.get('/leaf/:x', (_, response) => response.send('ok'));
  app.use('/sub/:s', sub);
  app.use((error, _, response, __) => response.status(500).send(error.message));
  const PATHS = ['/', '/users/7', '/users/7/next', '/api', '/api/v1', '/api/v1/', '/api/v1/items/3?x=1', '/api/v1/fails',
    '/api/again/v1/items/3', '/static/x', '/middleware', '/regx', '/route', '/fails', '/sub/9/leaf/2', '/nowhere'];
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

/** Express 4 keeps no trace of middleware that has a path: the method alone is the name. */
const UNKNOWN: Readonly<Record<string, readonly string[]>> = {
  'express@4': ['/api', '/middleware', '/static/x'],
};

for (const express of ['express@5.3.0', 'express@4'])
  t.test(`${express} beside and compared with instrumentation-http and -express`, async (t) => {
    const folder = join(work, `oracle-${express.slice(-1)}`);
    await npmInstall(folder, [
      express,
      '@opentelemetry/api@1.9.1',
      '@opentelemetry/sdk-trace-node@2.12.1',
      '@opentelemetry/instrumentation@0.223.0',
      '@opentelemetry/instrumentation-http@0.223.0',
      '@opentelemetry/instrumentation-express@0.71.1',
    ]);
    await writeFile(join(folder, 'routes.cjs'), ROUTES);
    await writeFile(join(folder, 'sdk.cjs'), SDK);
    await writeFile(join(folder, 'with-sdk.cjs'), SDK + ROUTES);
    const named = (spans: readonly Span[]) =>
      spans.filter(({ kind }) => kind === 2).map((span) => [pathOf(span), span.name]);

    const theirs = spawn(process.execPath, ['--require', './sdk.cjs', 'routes.cjs'], { cwd: folder });
    let said = '';
    theirs.stdout.on('data', (chunk) => (said += chunk));
    await once(theirs, 'close');
    const expected: string[][] = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.equal(expected.length, 16);

    const isUnknown = (path = '') => UNKNOWN[express]?.includes(path) ?? false;
    const ours = await spansOf(folder, [process.execPath, 'routes.cjs']);
    t.same(
      named(ours.spans).toSorted(),
      expected.map(([path, name]) => [path, isUnknown(path) ? 'GET' : name]).toSorted(),
      'the same names on the same app',
    );

    const beside = await spansOf(folder, [process.execPath, 'with-sdk.cjs']);
    t.same(
      named(beside.spans).toSorted(),
      expected.toSorted(),
      'one SERVER span each beside an SDK of the app',
    );
  });
