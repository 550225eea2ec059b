import Fastify from 'fastify';
import { numberFor } from './numbers.mjs';

const app = Fastify({ logger: true });
const invoices = new Map();

app.post('/invoices', async (_request, reply) => {
  const number = await numberFor();
  invoices.set(String(number), { number });
  return reply.code(201).send({ number });
});

app.get('/invoices/:number', async ({ params }, reply) => {
  return invoices.get(params.number) ?? reply.code(404).send({ error: 'No such invoice' });
});

// The tax office answers when it has looked.
app.get('/tax', async () => (await fetch(`${process.env.PARTNER_URL}/tax?ms=450`)).json());

await app.listen({ port: Number(process.env.PORT) });
