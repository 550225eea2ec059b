// A service and its worker, with BullMQ on Redis. With bullmq-otel, a job's work is a child of the span that added the job.
import { Queue, Worker } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { endWith, serve, tellFollowers } from './serve.js';

const url = new URL(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
const connection = { host: url.hostname, port: Number(url.port || 6379) };
const telemetry = new BullMQOtel({ tracerName: 'queue-example' });

const queue = new Queue('followers', { connection, telemetry });
const worker = new Worker('followers', ({ data }) => tellFollowers(data), { connection, telemetry });
worker.on('failed', (_job, { message }) => console.error(message));

const app = await serve((activity) => queue.add('tell', activity, { attempts: 2 }));
endWith(
  () => app.close(),
  () => worker.close(),
  () => queue.close(),
);
