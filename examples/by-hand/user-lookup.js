import Fastify from 'fastify';
import { startTracing } from './tracing.js';

const { USER_LOOKUP_PORT = 4578 } = process.env;
const app = Fastify({ logger: true });
await app.register(startTracing('user-lookup'));

app.get('/api/users', async ({ query }) => [{ handle: query.handle, display_name: 'Worf' }]);

await app.listen({ port: Number(USER_LOOKUP_PORT) });
process.once('SIGTERM', () => app.close());
