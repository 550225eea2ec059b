import Fastify from 'fastify';
import { pay } from './payment.mjs';

const app = Fastify({ logger: true });
const baskets = new Map([['7', { total: 42 }]]);

app.post('/baskets/:id/payment', async ({ params }, reply) => {
  const basket = baskets.get(params.id);
  if (!basket) return reply.code(404).send({ error: 'No such basket' });
  try {
    return await pay(basket.total);
  } catch (error) {
    app.log.warn({ err: error }, 'payment is not possible now');
    return reply.code(503).send({ error: 'Try again later' });
  }
});

app.get('/baskets/:id/delivery', async () => {
  const slot = fetch(`${process.env.PARTNER_URL}/slots?ms=350`);
  // The map takes longer than the slots, and both are needed.
  const map = await fetch(`${process.env.PARTNER_URL}/map?ms=360`);
  return { map: await map.json(), slot: await (await slot).json() };
});

await app.listen({ port: Number(process.env.PORT) });
