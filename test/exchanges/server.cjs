// Starts the server that is named, on a free port, and writes the port. Each server answers alike, by the first part of the path,
// with what its framework offers. Who asks knows what was answered: see exchanges.ts.
const http = require('node:http');
const { once } = require('node:events');
const { Readable } = require('node:stream');
const { setTimeout: wait } = require('node:timers/promises');

const WAIT_MS = 100;
const LARGE = Buffer.concat([Buffer.alloc(20_000_000, 'x'), Buffer.from('made')]);

async function* events() {
  for (let count = 0; count < 1_000; count++) {
    yield `data: ${count}\n\n`;
    await wait(20);
  }
}

/** @param read reads the body */
async function answer(url, method, read) {
  const kind = url.split('/')[1];
  if (kind === 'early') return { status: 413, body: 'made' };
  if (kind !== 'unread') await read();
  if (kind !== 'at-once') await wait(kind === 'long' ? 20_000 : WAIT_MS);
  if (kind === 'fail') return { status: 500, body: 'made' };
  if (kind === 'not-modified') return { status: 304 };
  if (kind === 'large') return { status: 200, body: LARGE };
  if (kind === 'events') return { status: 200, type: 'text/event-stream', body: Readable.from(events()) };
  return { status: method === 'POST' ? 201 : 200, body: 'made' };
}

async function readAll(stream) {
  for await (const _ of stream);
}

async function respond(request, response) {
  const { status, type, body } = await answer(request.url, request.method, () => readAll(request));
  response.writeHead(status, {
    ...(type && { 'content-type': type }),
    ...(Buffer.isBuffer(body) && { 'content-length': body.length }),
  });
  if (body instanceof Readable) body.on('error', () => {}).pipe(response);
  else response.end(body);
}

const listener = (request, response) => void respond(request, response).catch(() => {});
const listen = (server) => server.listen(0, '127.0.0.1');

async function fastify(name) {
  const app = require(name)();
  app.addContentTypeParser('*', (_, payload, done) => void readAll(payload).then(() => done(null, {}), done));
  const send = async (request, reply, read) => {
    const { status, type, body } = await answer(request.url, request.method, read);
    if (type) reply.type(type);
    return reply.code(status).send(body);
  };
  app.addHook('onRequest', async (request, reply) => {
    if (/^\/(?:early|unread)/.test(request.url)) return send(request, reply, () => {});
  });
  app.all('/*', (request, reply) => send(request, reply, () => request.body));
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server;
}

function express() {
  const load = require('express');
  const app = load();
  const handle = async (request, response, next) => {
    try {
      const { status, type, body } = await answer(request.url, request.method, () => request.body);
      response.status(status);
      if (type) response.type(type);
      if (body instanceof Readable) body.on('error', () => {}).pipe(response);
      else response.send(body);
    } catch (error) {
      next(error);
    }
  };
  app.use(/^\/(?:early|unread)/, (request, _, next) => {
    request.url = request.originalUrl;
    handle(request, _, next);
  });
  app.use(load.json({ limit: '100mb' }), handle);
  return app.listen(0, '127.0.0.1');
}

const SERVERS = {
  http: () => listen(http.createServer(listener)),
  http2: () => listen(require('node:http2').createServer(listener)),
  fastify: () => fastify('fastify'),
  'fastify-4': () => fastify('fastify'),
  express,
  'express-4': express,
  koa() {
    const loaded = require('koa');
    const app = new (loaded.default ?? loaded)();
    app.silent = true;
    app.use(async (ctx) => {
      const { status, type, body } = await answer(ctx.url, ctx.method, () => readAll(ctx.req));
      ctx.status = status;
      if (type) ctx.type = type;
      if (body) ctx.body = body;
    });
    return app.listen(0, '127.0.0.1');
  },
  hono() {
    const { Hono } = require('hono');
    const app = new Hono();
    app.all('*', async (c) => {
      const { pathname } = new URL(c.req.url);
      const { status, type, body } = await answer(pathname, c.req.method, () => c.req.text());
      return new Response(body instanceof Readable ? Readable.toWeb(body) : body, {
        status,
        headers: type ? { 'content-type': type } : {},
      });
    });
    return require('@hono/node-server').serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  },
  async nest() {
    require('reflect-metadata');
    const { All, Controller, Module, Req, Res } = require('@nestjs/common');
    class Everything {
      async all(request, response) {
        const read = () => (request.readableEnded ? undefined : readAll(request));
        const { status, type, body } = await answer(request.originalUrl, request.method, read);
        response.status(status);
        if (type) response.type(type);
        if (body instanceof Readable) body.on('error', () => {}).pipe(response);
        else response.send(body);
      }
    }
    Controller()(Everything);
    Req()(Everything.prototype, 'all', 0);
    Res()(Everything.prototype, 'all', 1);
    All('*path')(Everything.prototype, 'all', Object.getOwnPropertyDescriptor(Everything.prototype, 'all'));
    class App {}
    Module({ controllers: [Everything] })(App);
    const app = await require('@nestjs/core').NestFactory.create(App, { logger: false, bodyParser: false });
    await app.listen(0, '127.0.0.1');
    return app.getHttpServer();
  },
  h3() {
    const { createApp, eventHandler, readRawBody, setResponseStatus, setHeader, toNodeListener } = require('h3');
    const app = createApp({ onError: () => {} });
    app.use(
      eventHandler(async (event) => {
        const { status, type, body } = await answer(event.path, event.method, () =>
          event.method === 'POST' ? readRawBody(event) : undefined,
        );
        setResponseStatus(event, status);
        if (type) setHeader(event, 'content-type', type);
        return body ?? null;
      }),
    );
    return listen(http.createServer(toNodeListener(app)));
  },
  trpc() {
    const { initTRPC } = require('@trpc/server');
    const { createHTTPHandler } = require('@trpc/server/adapters/standalone');
    const { router, procedure } = initTRPC.create();
    const made = ({ ctx }) => answer(ctx.url, 'GET', () => {}).then(({ body }) => body);
    const appRouter = router({ ask: procedure.query(made), change: procedure.mutation(made) });
    const handle = createHTTPHandler({ router: appRouter, createContext: ({ req }) => ({ url: req.asked }) });
    return listen(
      http.createServer((request, response) => {
        request.asked = request.url;
        request.url = request.method === 'POST' ? '/change' : '/ask';
        handle(request, response);
      }),
    );
  },
  yoga() {
    const { createSchema, createYoga } = require('graphql-yoga');
    const resolvers = {
      Query: { done: (_, __, { req }) => answer(req.asked, 'GET', () => {}).then(({ body }) => body) },
    };
    const yoga = createYoga({
      logging: false,
      schema: createSchema({ typeDefs: 'type Query { done: String }', resolvers }),
    });
    return listen(
      http.createServer((request, response) => {
        request.asked = request.url;
        request.url = `/graphql${request.method === 'GET' ? '?query=%7Bdone%7D' : ''}`;
        yoga(request, response);
      }),
    );
  },
};

process.on('unhandledRejection', () => {}); // some frameworks read a body that its client has broken off
(async () => {
  const server = await SERVERS[process.argv[2]]();
  if (!server.listening) await once(server, 'listening');
  console.log(`port ${server.address().port}`);
})();
