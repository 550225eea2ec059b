// A service in CommonJS: a request by undici, and a worker thread that continues the trace.
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');
const { context, propagation } = require('@opentelemetry/api');
const { fastifyTracing } = require('@tandem/telemetry');
const Fastify = require('fastify');
const { request } = require('undici');

async function buildApp() {
  const app = Fastify({ logger: { level: 'warn' } });
  await app.register(fastifyTracing);

  app.get('/images/:name', async () => 'an image');

  app.get('/thumbnails/:name', async ({ params }) => {
    const { port } = app.server.address();
    const { body } = await request(`http://127.0.0.1:${port}/images/${params.name}`);
    return inWorker(await body.text());
  });
  return app;
}

/** A worker starts its own telemetry, and gets the caller's context with the message. */
function inWorker(image) {
  const headers = {};
  propagation.inject(context.active(), headers);
  const worker = new Worker(join(__dirname, 'worker.js'), { workerData: { image, headers } });
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

module.exports = { buildApp };
