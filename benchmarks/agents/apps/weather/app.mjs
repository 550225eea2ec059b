import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { weatherAt } from './weather.mjs';

const app = new Hono();

app.get('/places/:place', async (c) => {
  const { place } = c.req.param();
  if (place.length < 3) return c.json({ error: 'No such place' }, 404);
  return c.json(await weatherAt(place));
});

app.post('/reports', async (c) => {
  // Nobody waits for the archive.
  fetch(`${process.env.PARTNER_URL}/archive?ms=500`, { method: 'POST', body: await c.req.text() }).catch(
    console.error,
  );
  return c.json({ taken: true }, 202);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT) }, () => console.log('Weather is up'));
