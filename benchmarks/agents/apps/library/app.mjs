import Fastify from 'fastify';
import { lend, prepare, titleOf } from './loans.mjs';

const app = Fastify({ logger: true });
await prepare();

app.get('/books/:id', async ({ params }, reply) => {
  const title = await titleOf(params.id);
  return title === undefined ? reply.code(404).send({ error: 'No such book' }) : { title };
});

app.post('/books/:id/loans', async ({ params }) => ({ lent: await lend(params.id) }));

// The yearly list, which the printer makes.
app.get('/yearbook', async () => {
  const list = await fetch(`${process.env.PARTNER_URL}/yearbook?ms=450`);
  return list.json();
});

await app.listen({ port: Number(process.env.PORT) });
