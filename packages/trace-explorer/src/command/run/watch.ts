// Loaded into each Node process of a command that `run` starts. Starts telemetry, except in package managers. Writes down
// that the process started, and what it uses the first time it does, so that `run` can say why no trace came. At once:
// Ctrl+C ends most processes without an event.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { shareApi } from './app-api.ts';
import { isStarter } from './starters.ts';

const {
  TANDEM_RUN_USES: path,
  TANDEM_RUN_TELEMETRY: telemetry = '',
  TANDEM_RUN_DRIVERS: drivers = '',
  OTEL_EXPORTER_OTLP_ENDPOINT: explorer = '',
} = process.env;

/** What a process tells by a diagnostics channel of Node or of a library. */
const CHANNELS: Readonly<Record<string, Use>> = {
  'http.server.request.start': 'server',
  'fastify.initialization': 'fastify',
  'undici:request:create': 'fetch',
  'http.client.request.start': 'client',
};

/** What a process was seen to use. */
export type Use = 'start' | 'server' | 'fastify' | 'fetch' | 'client';

/** A line of the file. */
export interface Seen {
  readonly pid: number;
  readonly file: string;
  readonly use: Use;
}

const seen = new Set<Use>();

function write(use: Use): void {
  if (path === undefined || seen.has(use)) return;
  seen.add(use);
  const line: Seen = { pid: process.pid, file: process.argv[1] ?? '', use };
  try {
    appendFileSync(path, `${JSON.stringify(line)}\n`);
  } catch {
    // `run` has ended, and its folder with it.
  }
}

/** Whether a message is about a request to the explorer: telemetry's own. */
function isExport(message: unknown): boolean {
  const { request } = Object(message);
  const origin: unknown = request?.origin ?? `http://${request?.getHeader?.('host')}`;
  return String(origin) === explorer;
}

write('start');
for (const [channel, use] of Object.entries(CHANNELS))
  subscribe(channel, (message) => {
    if (!seen.has(use) && !isExport(message)) write(use);
  });

/** Whether an SDK of the app runs already, loaded with `--require`: it sends its spans by the same variables. */
const hasSdk = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'))?.trace !== undefined;

if (telemetry !== '' && !hasSdk && !isStarter(process.argv[1] ?? '')) {
  shareApi(telemetry, resolve(process.argv[1] ?? 'main.js'));
  await import(telemetry);
  if (drivers !== '') {
    const { traceDatabaseDrivers } = await import('./database-drivers.ts');
    await traceDatabaseDrivers(drivers.split(','));
  }
}
