import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Redis } from 'ioredis';

const redis = new Redis(process.env.REDIS_URL);
await redis.hset('words:nl', { house: 'huis', tree: 'boom' });

const app = new Hono();

app.get('/words/:word', async (c) => {
  const found = await redis.hget('words:nl', c.req.param('word'));
  return found === null ? c.json({ error: 'Not translated yet' }, 404) : c.json({ found });
});

app.get('/lists/first', async (c) => c.json(await redis.hmget('words:nl', 'house', 'tree')));

app.post('/books', async (c) => {
  // A translator works on it for days; this is only the letter to her.
  fetch(`${process.env.PARTNER_URL}/letter?ms=450`, { method: 'POST' }).catch(console.error);
  return c.json({ title: await c.req.text() }, 202);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT) }, () => console.log('Translations are up'));
