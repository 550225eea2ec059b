import Fastify from 'fastify';
import { ticketsOf, venueOf } from './tickets.mjs';

const app = Fastify({ logger: true });

app.get('/events/:id/tickets', async ({ params }) => ticketsOf(Number(params.id)));

app.get('/venues/:id', async ({ params }, reply) => {
  const venue = venueOf(Number(params.id));
  return venue ?? reply.code(404).send({ error: 'No such venue' });
});

// Waits for the next message of the doors, as long as a browser would.
app.get('/doors/next', async () => {
  const next = await fetch(`${process.env.PARTNER_URL}/poll?ms=700`);
  return next.json();
});

await app.listen({ port: Number(process.env.PORT) });
