// `@tandem/telemetry/register` is not loaded: these parts of @tandem/telemetry find the SDK through OpenTelemetry's API.
import { fastifyTracing, withSpan } from '@tandem/telemetry';
import Fastify from 'fastify';

const app = Fastify({ logger: true });
await app.register(fastifyTracing);

app.get('/balances/:id', async () => ({ cents: 900 }));
app.get('/accounts/:id', ({ params }) =>
  withSpan('load-account', { 'account.id': params.id }, async () => {
    const balance = await fetch(`${origin}/balances/${params.id}`);
    return { id: params.id, ...(await balance.json()) };
  }),
);

const origin = await app.listen({ port: Number(process.env.PORT ?? 4571) });
process.once('SIGTERM', () => app.close());
