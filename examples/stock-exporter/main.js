import { fastifyTracing } from '@tandem/telemetry';
import Fastify from 'fastify';
import { telemetry } from './telemetry.js';

const app = Fastify({ logger: true });
await app.register(fastifyTracing);

app.get('/parcels/:id', async ({ params }) => ({ id: params.id }));

await app.listen({ port: Number(process.env.PORT ?? 4571) });
process.once('SIGTERM', async () => {
  await app.close();
  await telemetry.shutdown();
});
