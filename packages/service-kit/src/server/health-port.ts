import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { FastifyInstance } from 'fastify';
import { PROBLEM_JSON, problemDetails, problems } from '../problems/problems.ts';
import { ConfigError } from '../settings/environment.ts';
import { findObstacle } from './health.ts';
import type { HealthReport } from './health-thread.ts';
import { METRICS_TYPE, renderMetrics } from './metrics.ts';
import type { ServerOptions } from './server.ts';

/** Between two reports to the thread, and between two signs of life while nobody asks anything. */
const REPORT_MS = 1000;

/**
 * Lets a worker thread answer `/health/live`, `/health/ready` and `/metrics` on a port of its own. With thousands of open
 * connections, a health check on the service's port would wait behind their requests. The main thread shows life by a timer
 * and by each request, because timers come late under load.
 * @throws ConfigError for a port that is taken
 */
export async function openHealthPort(app: FastifyInstance, port: number, options: ServerOptions) {
  const signs = new Int32Array(new SharedArrayBuffer(4)); // one number: the signs of life
  const worker = new Worker(new URL('./health-thread.ts', import.meta.url), {
    workerData: { host: options.settings.host, port, signs },
    execArgv: [], // the options of the process would start telemetry in the thread
    env: {},
  });
  worker.unref();
  let reportAt = 0; // reading of performance.now()

  async function report(): Promise<void> {
    const starting = problems.NOT_READY({ detail: 'The service does not listen.' });
    const obstacle = app.server.listening ? await findObstacle(options) : starting;
    const metrics = await renderMetrics(options.runtime?.telemetry);
    worker.postMessage({
      '/health/ready': obstacle && [503, PROBLEM_JSON, problemDetails(obstacle)],
      '/metrics': [200, METRICS_TYPE, metrics],
    } satisfies HealthReport);
  }
  function showLife(): void {
    Atomics.add(signs, 0, 1);
    if (performance.now() < reportAt) return;
    reportAt = performance.now() + REPORT_MS;
    report().catch(() => {}); // the age of the last report shows the failure
  }

  await report();
  await once(worker, 'message').catch(({ message }: Error) => {
    throw new ConfigError('HEALTH_PORT', `HEALTH_PORT is ${port}: ${message}. Choose a free port.`);
  });
  const timer = setInterval(showLife, REPORT_MS).unref();
  app.server.on('request', showLife);
  app.addHook('onListen', report);
  app.addHook('preClose', report); // the service is not ready any more
  app.addHook('onClose', async function closeHealthPort() {
    clearInterval(timer);
    await worker.terminate();
  });
}
