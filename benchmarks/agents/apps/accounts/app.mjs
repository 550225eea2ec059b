import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { accountOf, badgeOf } from './accounts.mjs';

const app = new Hono();

app.get('/accounts/:handle', (c) => c.json(accountOf(c.req.param('handle'))));

app.get('/badges/:handle', (c) => {
  const badge = badgeOf(c.req.param('handle'));
  return badge === undefined ? c.json({ error: 'No badge' }, 404) : c.json({ badge });
});

app.get('/accounts/:handle/card', async (c) => {
  // A card is pressed in plastic.
  const card = await fetch(`${process.env.PARTNER_URL}/press?ms=430`);
  return c.json(await card.json());
});

app.onError((error, c) => {
  console.error(error);
  return c.json({ error: 'Something went wrong' }, 500);
});

serve({ fetch: app.fetch, port: Number(process.env.PORT) }, () => console.log('Accounts are up'));
