// The rest of app.cjs and app.mjs. Starts a server of the framework that is named, asks it once with axios, and ends. Its
// handler asks a second service, a process of its own, with axios and with fetch.
(async () => {
  const { createServer } = await load('node:http');
  if (process.argv[2] === 'second') {
    const server = createServer((_, response) => response.end('ok'));
    server.listen(0, '127.0.0.1', () => process.send(server.address().port));
    process.once('message', () => process.kill(process.pid, 'SIGTERM')); // sends the last spans
    return;
  }
  const { fork } = await load('node:child_process');
  const { once } = await load('node:events');
  const axios = await load('axios');
  const second = fork(process.argv[1], ['second']);
  const [secondPort] = await once(second, 'message');
  const at = `http://127.0.0.1:${secondPort}`;
  const work = async () => {
    await (axios.default ?? axios).get(`${at}/axios`);
    await (await fetch(`${at}/fetch`)).text();
  };
  const listen = async (server) => {
    if (!server.listening) await once(server, 'listening');
    return server.address().port;
  };
  const SERVERS = {
    async plain() {
      const server = createServer(async (_, response) => {
        await work();
        response.end('ok');
      });
      return listen(server.listen(0, '127.0.0.1'));
    },
    async express() {
      const app = (await load('express'))();
      app.get('/orders/:id', async (_, response) => {
        await work();
        response.send('ok');
      });
      return listen(app.listen(0, '127.0.0.1'));
    },
    async koa() {
      const loaded = await load('koa');
      const app = new (loaded.default ?? loaded)();
      app.use(async (ctx) => {
        await work();
        ctx.body = 'ok';
      });
      return listen(app.listen(0, '127.0.0.1'));
    },
    async hono() {
      const { Hono } = await load('hono');
      const { serve } = await load('@hono/node-server');
      const app = new Hono();
      app.get('/orders/:id', async (c) => {
        await work();
        return c.text('ok');
      });
      return listen(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }));
    },
    async nest() {
      await load('reflect-metadata');
      const { NestFactory } = await load('@nestjs/core');
      const { Controller, Get, Module } = await load('@nestjs/common');
      class Orders {
        async one() {
          await work();
          return 'ok';
        }
      }
      Controller('orders')(Orders);
      Get(':id')(Orders.prototype, 'one', Object.getOwnPropertyDescriptor(Orders.prototype, 'one'));
      class App {}
      Module({ controllers: [Orders] })(App);
      const app = await NestFactory.create(App, { logger: false });
      await app.listen(0, '127.0.0.1');
      return listen(app.getHttpServer());
    },
  };
  const port = await SERVERS[process.argv[2]]();
  await (axios.default ?? axios).get(`http://127.0.0.1:${port}/orders/7`);
  second.send('end');
  await once(second, 'exit');
  process.kill(process.pid, 'SIGTERM'); // sends the last spans
})();
