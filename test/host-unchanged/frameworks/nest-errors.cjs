// Nest's log, filters and answers: what a handler throws, at once and later.
require('reflect-metadata');
const { Controller, Get, HttpException, Module, Post } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
class Api {
  a() {
    return {};
  }
  b() {
    throw new Error('thrown');
  }
  async c() {
    await new Promise((d) => setTimeout(d, 1));
    throw new Error('later');
  }
  d() {
    throw new HttpException('refused', 418);
  }
}
const route = (decorate, name) =>
  decorate(`/${name}`)(Api.prototype, name, Object.getOwnPropertyDescriptor(Api.prototype, name));
route(Post, 'a');
for (const name of ['b', 'c', 'd']) route(Get, name);
Controller('api')(Api);
class App {}
Module({ controllers: [Api] })(App);
(async () => {
  const app = await NestFactory.create(App, { logger: { log() {}, warn() {}, error: (...said) => console.error(...said) } });
  await app.listen(0, '127.0.0.1');
  const ask = async (path, body) => {
    const answer = await fetch(`http://127.0.0.1:${app.getHttpServer().address().port}${path}`, {
      ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body }),
    });
    console.log(path, answer.status, [...answer.headers.keys()].join(), await answer.text());
  };
  await ask('/api/a', '{"a"');
  await ask('/api/a', '{}');
  for (const name of ['b', 'c', 'd', 'none']) await ask(`/api/${name}`);
  await app.close();
})();
