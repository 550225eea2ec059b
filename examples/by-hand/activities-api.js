import { trace } from '@opentelemetry/api';
import Fastify from 'fastify';
import { startTracing } from './tracing.js';

const { PORT = 4577, USER_LOOKUP_PORT = 4578 } = process.env;
const tracer = trace.getTracer('activities-api');
const app = Fastify({ logger: true });
await app.register(startTracing('activities-api'));

app.get('/api/activities/home', () => {
  const now = new Date().toISOString();
  return tracer.startActiveSpan('home-activities-data', async (span) => {
    try {
      span.setAttributes({ 'app.now': now, outer: true });
      const response = await fetch(`http://localhost:${USER_LOOKUP_PORT}/api/users?handle=worf`);
      return showActivities(await response.json(), now);
    } finally {
      span.end();
    }
  });
});

function showActivities([author], now) {
  const activities = [{ ...author, message: 'Cloud is very fun!', created_at: now }];
  const attributes = { 'app.now': now, 'app.result_length': activities.length, inner: true };
  tracer.startSpan('home-result-activities', { attributes }).end();
  return activities;
}

await app.listen({ port: Number(PORT) });
process.once('SIGTERM', () => app.close());
