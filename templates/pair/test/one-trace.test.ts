import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { readServices } from '../scripts/services.ts';

/** Milliseconds that everything may take: the explorer and the services start. */
const LIMIT_MS = 90_000;

const ports: number[] = [];
for (const _ of [...readServices(), 'page', 'otlp', 'grpc']) ports.push(await freePort());
const urls = Object.fromEntries(
  readServices().map(({ urlVariable }) => [urlVariable, `http://localhost:${ports.shift()}`]),
);
const [page, otlp, grpc] = ports;
const explorer = `http://localhost:${page}`;

t.test('npm run dev: a request to activities-api is one trace over both services', async (t) => {
  const dev = spawn(process.execPath, [join(import.meta.dirname, '..', 'scripts', 'dev.ts')], {
    env: {
      ...process.env,
      ...urls,
      EXPLORER_URL: explorer,
      OTLP_PORT: String(otlp),
      OTLP_GRPC_PORT: String(grpc),
      OTEL_EXPORTER_OTLP_ENDPOINT: '',
      HONEYCOMB_API_KEY: '',
      DATABASE_URL: '',
      DATA_DIR: t.testdir(),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [dev.stdout, dev.stderr]) stream.on('data', (chunk) => (output += chunk));
  t.teardown(async () => {
    dev.kill();
    await once(dev, 'close');
  });
  await until(
    () => output.includes('All runs.'),
    () => output,
  );

  const response = await fetch(`${urls.ACTIVITIES_API_URL}/api/activities/home`);
  t.match(await response.text(), '"display_name":"Captain Cumulus"', 'the feed has names');
  const [, traceId] = response.headers.get('traceresponse')?.split('-') ?? [];
  const spansByService = async () => {
    const answer = await fetch(`${explorer}/api/traces/${traceId}/outline`);
    const { services = [] } = (await answer.json()) as { services?: { name: string; spans: number }[] };
    return Object.fromEntries(services.map(({ name, spans }) => [name, spans]));
  };
  const whole = { 'activities-api': 5, 'user-lookup': 2 };
  await until(
    async () => isDeepStrictEqual(await spansByService(), whole),
    () => output,
  );
});

/** Resolves when the condition holds. @throws Error with the output when the condition does not hold in time */
async function until(holds: () => boolean | Promise<boolean>, output: () => string): Promise<void> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await sleep(100))
    if (await holds()) return;
  throw new Error(`Not within ${LIMIT_MS / 1000} s: ${holds}. Output:\n${output()}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
