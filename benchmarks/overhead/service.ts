import { createRequire } from 'node:module';
import type { FastifyInstance } from 'fastify';
import { tellPort } from '../lib/tell-port.ts';

/**
 * One of the two services under test, the same for every tracer: `front` asks `back` and passes the answer on, which
 * is three spans per request (SERVER, CLIENT, SERVER). The tracer was loaded before, by `--import` or `--require`.
 *
 * Its libraries are loaded with `require`, because that is where every tracer's hooks are at their best.
 */
const require = createRequire(import.meta.url);
const fastify = require('fastify');
const { Pool } = require('undici');

/** Where a preloaded tracer leaves the Fastify plugin that it needs, if any. */
const plugin: unknown = Reflect.get(globalThis, Symbol.for('tandem.overhead.plugin'));

const app: FastifyInstance = fastify();
if (plugin !== undefined) await app.register(plugin as Parameters<FastifyInstance['register']>[0]);

const backs = process.argv.slice(2);
if (backs.length === 0) {
  app.get('/users/:handle', async function findUser(request) {
    const { handle } = request.params as { handle: string };
    return { handle, display_name: 'Andrew Brown', avatar_url: '/avatars/andrewbrown.png' };
  });
} else {
  const pools = backs.map((back) => new Pool(back, { connections: 32, connect: { family: 4 } }));
  app.get('/activities/:handle', async function listActivities(request) {
    const { handle } = request.params as { handle: string };
    const pool = pools[Number(handle.split('-')[1]) % pools.length];
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path: `/users/${handle}?fields=display_name`,
      headers: { accept: 'application/json' },
    });
    if (statusCode !== 200) throw new Error(`Unexpected status ${statusCode}`);
    return { author: await body.json(), activities: [] };
  });
}
await app.listen({ host: '127.0.0.1', port: 0 });

tellPort(app.server);
