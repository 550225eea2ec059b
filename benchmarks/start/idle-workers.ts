import { isMainThread, Worker } from 'node:worker_threads';

// Threads that only wait: prints the processor time of their process in milliseconds.
const WORKERS = 16;
const WAIT_MS = 300;

if (!isMainThread) setTimeout(() => {}, WAIT_MS);
else {
  const ends = Array.from({ length: WORKERS }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    new Worker(new URL(import.meta.url)).once('exit', () => resolve());
    return promise;
  });
  await Promise.all(ends);
  const { user, system } = process.cpuUsage();
  process.stdout.write(`\nworkers: ${WORKERS}, ${(user + system) / 1e3}\n`);
}
