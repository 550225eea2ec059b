// A service in TypeScript and ES modules: pino's lines, Kysely's statements, an outgoing request and a queue, in one trace.
import { withSpan, withUrlTemplate } from '@tandem/telemetry';
import Fastify from 'fastify';
import { openOrders } from './orders.ts';
import { Queue } from './queue.ts';

const app = Fastify({ logger: true });

const orders = await openOrders();
const mails = new Queue<{ to: string }>(({ to }) =>
  withSpan('send mail', { 'mail.to.domain': to.split('@')[1] ?? '' }, async () => {}),
);

app.get<{ Params: { id: string } }>('/prices/:id', async ({ params }) => ({ id: params.id, cents: 1250 }));

app.get<{ Params: { id: string } }>('/orders/:id', async (request) => {
  const order = await orders.find(Number(request.params.id));
  const { cents } = await withUrlTemplate('/prices/:id', () => readPrice(order.item));
  request.log.info({ item: order.item }, 'order found'); // has trace_id and span_id where it is exported
  mails.add({ to: order.customer });
  return { ...order, cents };
});

app.addHook('onClose', () => orders.close());
const origin = await app.listen({ port: Number(process.env.PORT ?? 4571) });

async function readPrice(item: string): Promise<{ cents: number }> {
  const response = await fetch(`${origin}/prices/${item}`);
  return (await response.json()) as { cents: number };
}

process.once('SIGTERM', () => app.close());
