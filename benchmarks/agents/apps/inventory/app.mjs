import Fastify from 'fastify';
import { redis, withLock } from './lock.mjs';

const app = Fastify({ logger: true });
await redis.set('stock:nails', 500);

app.get('/stock/:item', async ({ params }, reply) => {
  const stock = await redis.get(`stock:${params.item}`);
  return stock === null ? reply.code(404).send({ error: 'No such item' }) : { stock: Number(stock) };
});

app.post('/stock/:item/take', async ({ params }) => {
  return withLock(params.item, async () => {
    const left = await redis.decr(`stock:${params.item}`);
    await fetch(`${process.env.PARTNER_URL}/label?ms=120`, { method: 'POST' });
    return { left };
  });
});

// The truck is weighed, which is slow by nature.
app.get('/trucks/weight', async () => (await fetch(`${process.env.PARTNER_URL}/scale?ms=420`)).json());

await app.listen({ port: Number(process.env.PORT) });
