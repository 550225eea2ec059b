import { parseArgs } from 'node:util';
import { readAddresses } from './lib/addresses.ts';
import { loadDotEnv } from './lib/dot-env.ts';

// `pnpm load`: a steady mix of requests to the activities API for a while, so that there is something to look at.
const USAGE = 'Usage: pnpm load [--rate requests per second, 20] [--seconds 30]';
const ROUTES = [
  '/api/activities/home',
  '/api/activities/home?limit=5',
  '/api/activities/@andrewbrown',
  '/api/activities/notifications?handle=andrewbrown',
  '/api/activities/search?term=cloud',
  '/api/activities/@nobody-has-this-handle',
];

const { rate, seconds } = readArguments();
loadDotEnv();
const api = readAddresses(process.env).api;
const statuses = new Map<string, number>();
const durations: number[] = [];
const waiting: Promise<void>[] = [];
const total = rate * seconds;
for (let sent = 0; sent < total; sent++) {
  const route = ROUTES[sent % ROUTES.length] ?? '/api/activities/home';
  waiting.push(request(new URL(route, api)));
  await new Promise((resolve) => setTimeout(resolve, 1000 / rate));
}
await Promise.all(waiting);
report();

function readArguments(): { rate: number; seconds: number } {
  try {
    const { values } = parseArgs({
      options: { rate: { type: 'string', default: '20' }, seconds: { type: 'string', default: '30' } },
    });
    const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
    if (rate > 0 && rate <= 500 && seconds > 0 && seconds <= 3600) return { rate, seconds };
    throw new Error('--rate takes a number up to 500, --seconds one up to 3600.');
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(1);
  }
}

async function request(url: URL): Promise<void> {
  const started = performance.now();
  let status: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
    status = String(response.status);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    status = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed';
  }
  durations.push(performance.now() - started);
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

function report(): void {
  durations.sort((a, b) => a - b);
  const at = (share: number) => (durations[Math.floor(share * (durations.length - 1))] ?? 0).toFixed(1);
  const counts = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
  console.log(
    `${durations.length} requests to ${api.origin}: ${counts}; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
  );
  if (statuses.has('ECONNREFUSED')) {
    console.error('Nothing answers there: start it with `pnpm dev`.');
    process.exit(1);
  }
}
