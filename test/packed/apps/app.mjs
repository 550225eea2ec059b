// A plain Fastify app as somebody outside of this workspace has it: one request through all that makes spans.
import { trace } from '@opentelemetry/api';
import { withSpan } from '@tandem/telemetry';
import Fastify from 'fastify';

const app = Fastify();
app.get('/inner', async () => ({ at: 'inner' }));
app.get('/outer', () =>
  withSpan('work', {}, () =>
    trace.getTracer('app').startActiveSpan('own', async (span) => {
      const response = await fetch(`${origin}/inner`);
      span.end();
      return response.json();
    }),
  ),
);
const origin = await app.listen({ port: 0, host: '127.0.0.1' });
const response = await fetch(`${origin}/outer`);
await response.text();
await app.close();
