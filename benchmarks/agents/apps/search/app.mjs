import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { find, prepare, wordOf } from './words.mjs';

await prepare();
const app = new Hono();

app.get('/search', async (c) => c.json(await find(c.req.query('text') ?? '')));

app.get('/words/:id', async (c) => {
  const word = await wordOf(Number(c.req.param('id')));
  return word === undefined ? c.json({ error: 'No such word' }, 404) : c.json({ word });
});

app.post('/words', async (c) => {
  // The editors hear of it when they hear of it.
  fetch(`${process.env.PARTNER_URL}/mail?ms=600`, { method: 'POST' }).catch(console.error);
  return c.json({ proposed: await c.req.text() }, 202);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT) }, () => console.log('Search is up'));
