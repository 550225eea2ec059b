// app.mjs in CommonJS, with the plugin registered by hand, too.
const { trace } = require('@opentelemetry/api');
const { fastifyTracing, withSpan } = require('@tandem/telemetry');
const Fastify = require('fastify');

async function main() {
  const app = Fastify();
  await app.register(fastifyTracing);
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
}

main();
