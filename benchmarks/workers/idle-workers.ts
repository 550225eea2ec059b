import { Worker } from 'node:worker_threads';

// Threads that only wait: prints the processor time of their process in milliseconds, without its own start.
const WORKERS = 16;
/** Plain JavaScript, as each thread would load what compiles TypeScript; and a module, for which `--import` counts. */
const WAITS = new URL('data:text/javascript,setTimeout(() => {}, 300)');

const before = process.cpuUsage();
const ends = Array.from({ length: WORKERS }, () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  new Worker(WAITS).once('exit', () => resolve());
  return promise;
});
await Promise.all(ends);
const { user, system } = process.cpuUsage(before);
process.stdout.write(`\nworkers: ${WORKERS}, ${(user + system) / 1e3}\n`);
