import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseVariants } from '../../packages/service-kit/testing/databases.ts';
import { freePort } from '../../scripts/lib/free-port.ts';

const FOLDER = join(import.meta.dirname, 'apps');
const MAIN = join(import.meta.dirname, '../../packages/trace-explorer/src/main.ts');
/** How long an app may take to listen, in milliseconds. */
const START_MS = 120_000;

/** Requests to an app, `together` of them at a time. */
interface Requests {
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly times: number;
  readonly together?: number;
}

/** A small app, and the requests that it gets. */
export interface App {
  readonly name: string;
  readonly folder: string;
  readonly requests: readonly Requests[];
  /** Names of the stores that it needs. */
  readonly needs: readonly string[];
}

/** The apps of this benchmark. */
export function readApps(): App[] {
  return readdirSync(FOLDER).map((name) => {
    const folder = join(FOLDER, name);
    const sources = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
    const text = sources.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
    return {
      name,
      folder,
      requests: JSON.parse(readFileSync(join(folder, 'requests.json'), 'utf8')),
      needs: ['DATABASE_URL', 'REDIS_URL'].filter((variable) => text.includes(variable)),
    };
  });
}

/**
 * Runs an app, sends its requests, and ends it.
 * @param port of the explorer's page; without one, the app runs as it is
 * @returns what the app wrote
 */
export async function runApp(app: App, stores: Readonly<Record<string, string>>, port?: string) {
  const [partner, own, database] = [await startPartner(), await freePort(), await emptyDatabase(app, stores)];
  const { port: partnerPort } = partner.address() as AddressInfo;
  const traced = port === undefined ? [] : [MAIN, 'run', '--port', port, '--', process.execPath];
  const child = spawn(process.execPath, [...traced, 'app.mjs'], {
    cwd: app.folder,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...stores,
      ...(database && { DATABASE_URL: database.url }),
      PORT: String(own),
      PARTNER_URL: `http://127.0.0.1:${partnerPort}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      log += chunk;
    });
  try {
    const origin = `http://127.0.0.1:${own}`;
    await listening(`${origin}/`, () => {
      if (child.exitCode !== null) throw new Error('It ended.');
    });
    for (const each of app.requests) await send(origin, each);
    // What goes on after the last answer.
    await sleep(1500);
  } catch (cause) {
    throw new Error(`${app.name}:\n${log}`, { cause });
  } finally {
    child.kill('SIGTERM');
    await ended;
    partner.closeAllConnections();
    partner.close();
    await database?.remove();
  }
  return log;
}

async function send(origin: string, { path, method = 'GET', body, times, together = 1 }: Requests) {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const one = async () => {
    const answer = await fetch(origin + path, { method, headers, ...(body !== undefined && { body }) });
    await answer.arrayBuffer();
  };
  for (let sent = 0; sent < times; sent += together) await Promise.all(Array.from({ length: together }, one));
}

async function listening(url: string, check: () => void): Promise<void> {
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(50)) {
    check();
    if (await fetch(url).then(Boolean, () => false)) return;
  }
  throw new Error(`Nothing answers at ${url}.`);
}

/** Another company's service, untraced: answers after `?ms`, with `?status`. */
async function startPartner(): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://partner');
    request.resume();
    setTimeout(
      () => {
        response.writeHead(Number(searchParams.get('status') ?? 200), { 'content-type': 'application/json' });
        response.end(JSON.stringify({ path: pathname }));
      },
      Number(searchParams.get('ms') ?? 2),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function emptyDatabase({ needs }: App, { DATABASE_URL }: Readonly<Record<string, string>>) {
  const [, postgresql] = needs.includes('DATABASE_URL') ? databaseVariants(DATABASE_URL) : [];
  if (postgresql === undefined) return undefined;
  const { location, remove } = await postgresql.create();
  return { url: 'url' in location ? location.url : '', remove };
}

/** The stores that there are: PostgreSQL where TEST_DATABASE_URL names one, Redis where it is installed. */
export async function startStores(t: { teardown(end: () => unknown): void }) {
  const { TEST_DATABASE_URL } = process.env;
  const program = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((path) => existsSync(path));
  const port = program === undefined ? undefined : await freePort();
  if (program !== undefined) {
    const args = ['--port', String(port), '--save', '', '--bind', '127.0.0.1'];
    const child = spawn(program, args, { stdio: 'ignore' });
    t.teardown(() => child.kill());
  }
  return {
    ...(TEST_DATABASE_URL && { DATABASE_URL: TEST_DATABASE_URL }),
    ...(port !== undefined && { REDIS_URL: `redis://127.0.0.1:${port}` }),
  };
}
