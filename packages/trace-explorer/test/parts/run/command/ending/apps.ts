/** A loop over `fetch`, and an order that fails. `app`: how a framework routes. */
const shop = (begin: string) => `
  ${begin}
  function withUsers(url) {
    const users = [];
    return (async () => {
      for (let id = 0; id < 12; id++) users.push(await (await fetch(url + '/users/' + id)).json());
      return users;
    })();
  }
  function placeOrder(body) {
    return body.items[0].sku;
  }`;

const AFTER = `
  process.on('SIGINT', () => process.exit(130));`;

/** Express, untouched. */
export const EXPRESS = `${shop("const express = require('express'); const app = express(); app.use(express.json());")}
  app.get('/users/:id', (request, response) => response.json({ id: request.params.id }));
  app.get('/orders', async (request, response) => response.json(await withUsers('http://' + request.headers.host)));
  app.post('/orders', (request, response) => response.json({ sku: placeOrder(request.body) }));
  const server = app.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
  ${AFTER}`;

/** Nest on Express, in plain JavaScript. */
export const NEST = `${shop("require('reflect-metadata'); const { Controller, Get, Post, Body, Param, Req, Module } = require('@nestjs/common'); const { NestFactory } = require('@nestjs/core');")}
  class Shop {
    user(id) { return { id }; }
    orders(request) { return withUsers('http://' + request.headers.host); }
    place(body) { return { sku: placeOrder(body) }; }
  }
  const of = (name) => Object.getOwnPropertyDescriptor(Shop.prototype, name);
  const route = (name, method, path, ...parameters) => {
    parameters.forEach((decorate, index) => decorate(Shop.prototype, name, index));
    method(path)(Shop.prototype, name, of(name));
  };
  route('user', Get, 'users/:id', Param('id'));
  route('orders', Get, 'orders', Req());
  route('place', Post, 'orders', Body());
  Controller()(Shop);
  class App {}
  Module({ controllers: [Shop] })(App);
  NestFactory.create(App, { logger: false }).then(async (app) => {
    await app.listen(0, '127.0.0.1');
    console.log('http://127.0.0.1:' + app.getHttpServer().address().port);
  });
  ${AFTER}`;

/** Next's routes. */
export const NEXT = {
  'app/users/[id]/route.js': `export async function GET(_, { params }) { return Response.json(await params); }`,
  'app/orders/route.js': `export const dynamic = 'force-dynamic';
    export async function GET(request) {
      const users = [];
      for (let id = 0; id < 12; id++) users.push(await (await fetch(new URL('/users/' + id, request.url), { cache: 'no-store' })).json());
      return Response.json(users);
    }`,
};

/** A server of `node:http` that is right. */
export const PLAIN = `
  const server = require('node:http').createServer((_, response) => response.end('ok'))
    .listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));
  ${AFTER}`;

/** Ends with an error of its own, after calls to a server that is there and to one that is not. */
export const SCRIPT = (end: string) => `
  const http = require('node:http');
  const server = http.createServer((_, response) => response.end('ok'));
  const child = require('node:child_process').spawn(process.execPath, ['-e', \`
    const server = require('node:http').createServer((_, response) => response.end('ok'))
      .listen(0, '127.0.0.1', () => console.log(server.address().port)); process.stdin.resume().on('end', () => process.exit())\`],
    { env: {}, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdout.once('data', async (port) => {
    for (let id = 0; id < 6; id++) await (await fetch('http://127.0.0.1:' + Number(port) + '/users/' + id)).text();
    await fetch('http://127.0.0.1:65533/x').catch(() => {});
    child.stdin.end();
    child.once('exit', () => { ${end} });
  });`;

/** A server for tests: 404 for a stranger, 500 for a broken order. */
export const TESTED = `
  const http = require('node:http');
  exports.listen = () => new Promise((ready) => {
    const server = http.createServer((request, response) => {
      response.statusCode = request.url === '/none' ? 404 : request.url === '/broken' ? 500 : 200;
      response.end('ok');
    }).listen(0, '127.0.0.1', () => ready(server));
  });
  exports.statusOf = async (server, path) => (await fetch('http://127.0.0.1:' + server.address().port + path)).status;`;

/** Two tests, by any runner with \`test\`; each closes its server. */
export const TESTS = (load: string, path: string, expected: number) => `
  ${load}
  const app = require('./app.cjs');
  const asks = (path, expected) => async () => {
    const server = await app.listen();
    const status = await app.statusOf(server, path);
    server.closeAllConnections();
    server.close();
    if (status !== expected) throw new Error(status + ' is not ' + expected);
  };
  test('answers', asks('/', 200));
  test('a stranger', asks('${path}', ${expected}));`;

/** Takes ten messages of a queue, of which one has no address. */
export const WORKER = `
  const { trace, SpanKind, SpanStatusCode } = require('@opentelemetry/api');
  const tracer = trace.getTracer('queue');
  for (let id = 0; id < 10; id++)
    tracer.startActiveSpan('send mail', { kind: SpanKind.CONSUMER, root: true }, (span) => {
      try {
        if (id === 7) throw new RangeError('no address');
      } catch (error) {
        span.recordException(error);
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      }
      span.end();
    });`;

/** What Docker's client does as far as \`run\` sees it: it passes nothing on. */
export const DOCKER = `#!/bin/sh\nsleep 1\n`;

/** A coding agent that sends one record of a prompt. */
export const AGENT = `#!${process.execPath}
  const pairs = process.env.OTEL_RESOURCE_ATTRIBUTES.split(',').map((pair) => pair.split('='));
  const attributes = pairs.map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const record = { timeUnixNano: Date.now() + '000000', body: { stringValue: 'claude_code.user_prompt' },
    attributes: [{ key: 'event.name', value: { stringValue: 'user_prompt' } }] };
  const body = JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: [record] }] }] });
  const headers = { 'content-type': 'application/json' };
  fetch(process.env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, { method: 'POST', headers, body });`;
