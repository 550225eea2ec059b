import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import t from 'tap';
import type { Span } from '../frameworks/traced-runs.ts';
import { installExplorer, pathOf } from '../frameworks/traced-runs.ts';
import { INSTALL_TIMEOUT_MS, npmInstall } from '../helpers/npm.ts';
import { ROOT } from '../helpers/processes.ts';

const SERVER = 2;
const CLIENT = 3;
const NODE = process.execPath;
/** The engines that `run` may have. */
const ENGINES: readonly NodeJS.ProcessEnv[] = [{}, { TRACE_LEAN: 'true' }];

t.setTimeout(4 * INSTALL_TIMEOUT_MS);
const { work, spansOf } = await installExplorer(t);

/** Express asks a second server with axios and with fetch, and is asked once itself. */
const APP = `
  const express = require('express');
  const axios = require('axios');
  const app = express();
  const second = require('node:http').createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1', () => {
    const at = 'http://127.0.0.1:' + second.address().port;
    app.get('/orders/:id', async (_, response) => {
      await axios.get(at + '/axios');
      await (await fetch(at + '/fetch')).text();
      response.send('ok');
    });
    const server = app.listen(0, '127.0.0.1', async () => {
      await axios.get('http://127.0.0.1:' + server.address().port + '/orders/7');
      process.kill(process.pid, 'SIGTERM');
    });
  });
`;

const SENTRY = `
  require('@sentry/node').init({ dsn: 'https://key@127.0.0.1:9/1', tracesSampleRate: Number(process.env.RATE) });
`;

const SDK = `
  const { NodeSDK } = require('@opentelemetry/sdk-node');
  const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node');
  const sdk = new NodeSDK({ instrumentations: [getNodeAutoInstrumentations()] });
  sdk.start();
  process.once('SIGTERM', () => sdk.shutdown().finally(() => setTimeout(() => process.exit(0), 1_000)));
`;

/** One trace, in which each request has one SERVER and one CLIENT span, and all spans lie within each other. */
function isWhole(t: Test, spans: readonly Span[], name: string): void {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const find = (path: string, kind: number) => {
    const [found, ...more] = spans.filter((span) => pathOf(span) === path && span.kind === kind);
    t.ok(found, `${name}: kind ${kind} of ${path}`);
    t.same(more, [], `${name}: one of kind ${kind} of ${path}`);
    return found;
  };
  const isWithin = (span: Span | undefined, outer: Span | undefined): boolean => {
    const parent = byId.get(span?.parentSpanId ?? '');
    return parent !== undefined && (parent === outer || isWithin(parent, outer));
  };
  t.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1, name);
  const server = find('/orders/7', SERVER);
  t.equal(server?.parentSpanId, find('/orders/7', CLIENT)?.spanId, name);
  for (const path of ['/axios', '/fetch']) {
    const client = find(path, CLIENT);
    t.ok(isWithin(client, server), `${name}: ${path} within the request`);
    t.equal(find(path, SERVER)?.parentSpanId, client?.spanId, `${name}: ${path}`);
  }
}

for (const sentry of ['@sentry/node@10', '@sentry/node@11'])
  t.test(`beside ${sentry}, each request has one SERVER and one CLIENT span`, async (t) => {
    const folder = join(work, sentry.replaceAll('/', '-'));
    await npmInstall(folder, [sentry, 'express@5.3.0', 'axios@1.21.1']);
    await writeFile(join(folder, 'app.cjs'), SENTRY + APP);
    for (const engine of ENGINES)
      for (const RATE of ['0', '1']) {
        const { spans } = await spansOf(folder, [NODE, 'app.cjs'], { ...engine, RATE });
        isWhole(t, spans, `${Object.keys(engine)} at ${RATE}`);
      }
  });

t.test('beside the newest SDK with all instrumentations, loaded with --require and in the app', async (t) => {
  const folder = join(work, 'newest-sdk');
  const packages = ['@opentelemetry/sdk-node', '@opentelemetry/auto-instrumentations-node'];
  await npmInstall(folder, ['express@5.3.0', 'axios@1.21.1', '@opentelemetry/api', ...packages]);
  await writeFile(join(folder, 'sdk.cjs'), SDK);
  await writeFile(join(folder, 'app.cjs'), APP);
  await writeFile(join(folder, 'with-sdk.cjs'), SDK + APP);
  for (const engine of ENGINES)
    for (const args of [['--require', './sdk.cjs', 'app.cjs'], ['with-sdk.cjs']]) {
      // Others ask the network where the process runs.
      const env = { ...engine, OTEL_NODE_RESOURCE_DETECTORS: 'none' };
      isWhole(t, (await spansOf(folder, [NODE, ...args], env)).spans, `${args} ${Object.keys(engine)}`);
    }
});

/** Fastify asks a second server, and is asked once itself. */
const FASTIFY = `
  const { FastifyOtelInstrumentation } = require('@fastify/otel');
  const instrumentation = new FastifyOtelInstrumentation({ registerOnInitialization: process.env.FORM === 'initialization' });
  const app = require('fastify')();
  const axios = require('axios');
  const second = require('node:http').createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1', async () => {
    const at = 'http://127.0.0.1:' + second.address().port;
    if (process.env.FORM === 'plugin') await app.register(instrumentation.plugin());
    app.get('/orders/:id', async (request) => {
      await axios.get(at + '/axios');
      await (await fetch(at + '/fetch')).text();
      return 'instrumented' in request.opentelemetry();
    });
    const { data } = await axios.get((await app.listen({ port: 0, host: '127.0.0.1' })) + '/orders/7');
    if (data !== true) throw new Error('the decorator is not of @fastify/otel');
    process.kill(process.pid, 'SIGTERM');
  });
`;

t.test('beside @fastify/otel, in both forms, with and without an SDK', async (t) => {
  const folder = join(work, 'fastify-otel');
  const packages = ['fastify@5.12.8', '@fastify/otel@0.21.2', '@opentelemetry/api@1.9.1', 'axios@1.21.1'];
  await npmInstall(folder, [...packages, '@opentelemetry/sdk-node@0.223.0']);
  const sdk = SDK.replace(/.*auto-instrumentations-node.*\n/, '').replace(
    '[getNodeAutoInstrumentations()]',
    '[]',
  );
  await writeFile(join(folder, 'plain.cjs'), FASTIFY);
  await writeFile(join(folder, 'with-sdk.cjs'), sdk + FASTIFY);
  for (const FORM of ['plugin', 'initialization'])
    for (const app of ['plain.cjs', 'with-sdk.cjs']) {
      const env = { FORM, OTEL_NODE_RESOURCE_DETECTORS: 'none' };
      isWhole(t, (await spansOf(folder, [NODE, app], env)).spans, `${FORM} ${app}`);
    }
});

t.test('a thousand interleaved bodies, read by body-parser, keep the context of their request', async (t) => {
  const folder = join(work, 'bodies');
  await npmInstall(folder, ['express@5.3.0', 'body-parser@2', '@opentelemetry/api@1.9.1']);
  await cp(join(ROOT, 'test/frameworks/bodies.cjs'), join(folder, 'bodies.cjs'));
  for (const engine of ENGINES) {
    const { out, spans, err } = await spansOf(folder, [NODE, 'bodies.cjs'], engine);
    const { reads, wrong } = JSON.parse(out);
    t.same(wrong, [], err);
    t.match(reads, { body: 1_000, end: 1_000, handler: 1_000, timer: 1_000, finish: 1_000, close: 1_000 });
    t.ok(reads.data > 1_000);
    t.equal(spans.filter(({ name }) => name === 'POST /items/:id').length, 1_000);
  }
});

/** Files of an app of Next.js, whose page and route ask a second server. */
const NEXT = {
  'app/layout.js': 'export default ({ children }) => <html><body>{children}</body></html>;',
  'app/page.js': `
    export const dynamic = 'force-dynamic';
    export default async () => <p>{await (await fetch(process.env.SECOND + '/page')).text()}</p>;
  `,
  'app/api/orders/[id]/route.js': `
    import { get } from 'node:http';
    export async function GET() {
      await (await fetch(process.env.SECOND + '/fetch')).text();
      await new Promise((end) => get(process.env.SECOND + '/http', (response) => response.resume().on('end', end)));
      return new Response('ok');
    }
  `,
  'drive.cjs': `
    const { spawn } = require('node:child_process');
    const { createServer } = require('node:http');
    const { setTimeout: wait } = require('node:timers/promises');
    const second = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1', async () => {
      const port = 20_000 + Math.floor(Math.random() * 20_000);
      const env = { ...process.env, SECOND: 'http://127.0.0.1:' + second.address().port };
      const next = spawn('npx', ['next', 'start', '-p', String(port)], { env, detached: true });
      next.stderr.pipe(process.stderr);
      await new Promise((ready) => next.stdout.on('data', (text) => /Ready/.test(text) && ready()));
      for (const path of ['/', '/api/orders/7']) await (await fetch('http://127.0.0.1:' + port + path)).text();
      await wait(2_000); // the spans of Next.js come later than the answer
      process.kill(-next.pid, 'SIGTERM');
      next.on('exit', () => process.kill(process.pid, 'SIGTERM'));
    });
  `,
};

t.test('Next.js makes the SERVER spans of its requests, also with @vercel/otel', async (t) => {
  const folder = join(work, 'next');
  await npmInstall(folder, [
    'next@16',
    'react@19',
    'react-dom@19',
    '@vercel/otel@2',
    '@opentelemetry/api@1.9.1',
  ]);
  for (const [file, text] of Object.entries(NEXT)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  for (const instrumentation of ['', `export { registerOTel as register } from '@vercel/otel';`]) {
    await writeFile(join(folder, 'instrumentation.js'), instrumentation);
    await promisify(execFile)(join(folder, 'node_modules/.bin/next'), ['build'], { cwd: folder });
    for (const engine of ENGINES) {
      const { spans, err } = await spansOf(folder, [NODE, 'drive.cjs'], engine);
      const name = `${instrumentation} ${Object.keys(engine)}: ${err}`;
      const servers = spans.filter(({ kind }) => kind === SERVER);
      const clients = spans.filter(({ kind }) => kind === CLIENT);
      const names = servers.map((span) => span.name).toSorted();
      t.same(names, ['GET', 'GET', 'GET', 'GET /', 'GET /api/orders/[id]'], name);
      t.same(
        servers.map(({ parentSpanId }) => parentSpanId).toSorted(),
        clients.map(({ spanId }) => spanId).toSorted(),
        name,
      );
      t.equal(new Set([...servers, ...clients].map(({ traceId }) => traceId)).size, 2, name);
    }
  }
});
