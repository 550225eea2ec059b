// A shop of Fastify and node:sqlite that knows nothing of tracing, with faults that are easily made. `run` shows them.
import Fastify from 'fastify';
import { openShop } from './shop.js';

const shop = openShop();
const app = Fastify();

app.get('/orders', async () => shop.orders().map((order) => ({ ...order, ...shop.sumOf(order) })));
app.get('/report', async () => shop.report());
app.post('/orders', async ({ body }) => shop.add(body));

console.log(await app.listen({ port: Number(process.env.PORT ?? 3000) }));
