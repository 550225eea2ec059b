import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify } from 'fastify';
import { fastifyTracing } from '../../../src/index.ts';

// A service that stands still when it is asked to, and answers how long it did by its own clock.

function loop(ms: number): number {
  const start = performance.now();
  for (const end = start + ms; performance.now() < end; );
  return performance.now() - start;
}

function execute(ms: number): number {
  const start = performance.now();
  execFileSync('sleep', [String(ms / 1000)]);
  return performance.now() - start;
}

const collect: unknown = Reflect.get(globalThis, 'gc');
function fill(): number {
  const start = performance.now();
  const kept = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
  for (let count = 0; count < 3; count++) if (typeof collect === 'function') collect();
  return kept.length > 0 ? performance.now() - start : 0;
}

let ofJob = 0;
const app = fastify();
await app.register(fastifyTracing);
app.get<{ Params: { ms: string } }>('/loop/:ms', async ({ params }) => loop(Number(params.ms)));
app.get<{ Params: { ms: string } }>('/exec/:ms', async ({ params }) => execute(Number(params.ms)));
app.get('/gc', async () => fill());
app.get<{ Params: { ms: string } }>('/wait/:ms', ({ params }) => sleep(Number(params.ms), 'waited'));
/** The machine sleeps: its clock, which the test has replaced, jumps. */
app.get<{ Params: { ms: string } }>('/suspend/:ms', async ({ params }) => {
  Reflect.set(globalThis, 'slept', Number(params.ms));
  return sleep(60, 'waited');
});
/** A job, which no span tells of, in 50 ms. */
app.get<{ Params: { ms: string } }>('/health/job/:ms', async ({ params }) => {
  setTimeout(() => {
    ofJob = loop(Number(params.ms));
  }, 50);
});
app.get('/health/job', async () => ofJob);
/** Asks another service, and stands still meanwhile. */
app.get<{ Querystring: { url: string; ms: string } }>('/relay', async ({ query }) => {
  const asked = fetch(query.url).then((response) => response.text());
  await sleep(15);
  const own = loop(Number(query.ms));
  return { own, other: Number(await asked) };
});
process.stdout.write(`at ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
