// Starts telemetry in a Node process of a command that `run` starts, except in package managers. Writes down that the
// process started, and what it uses the first time it does, so that `run` can say why no trace came. At once: Ctrl+C ends
// most processes without an event.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { RunnerTold } from '@tandem/telemetry/workspace/test-runners';
import { RUNNER_TOLD } from '@tandem/telemetry/workspace/test-runners';
import { shareApi } from './app-api.ts';
import { traceDatabaseDrivers } from './database-drivers.ts';
import { isStarter } from './starters.ts';

const {
  TANDEM_RUN_USES: path,
  TANDEM_RUN_TELEMETRY: telemetry = '',
  TANDEM_RUN_SPOOL: spool = '',
  OTEL_EXPORTER_OTLP_ENDPOINT: explorer = '',
} = process.env;

/** Spans of a batch at most: a suite's tests leave no time to send between them, so a smaller batch would be waited for at the end. */
const BATCH = '2048';

/** The messages of a process on diagnostics channels of Node or of a library. */
const CHANNELS: Readonly<Record<string, Use>> = {
  'http.server.request.start': 'server',
  'undici:request:create': 'fetch',
  'http.client.request.start': 'client',
  'http2.server.stream.created': 'http2-server',
  'http2.client.stream.created': 'http2-client',
};

/** Addresses of servers that a request to localhost reaches. */
const LOCAL = new Set<unknown>(['::', '0.0.0.0', '::1', '127.0.0.1']);

/** A `traceparent` of a trace that its caller has not sampled. */
const UNSAMPLED = /-[0-9a-f][02468ace]$/;

/**
 * Things that a process uses. `untraced`: the process cannot be traced at all. `key`: the process has a key of Honeycomb.
 * `unsampled`: a request came whose caller did not sample it.
 * `untraced-copy`: of a library a copy has no spans, though another may have them.
 * `containers`: a client of Docker or Podman. `listen`: a server of HTTP, by its address. `tests`: a file or a runner of tests.
 * `restricted`: it runs with `--permission`, and may not write what `run` reads.
 * `lost`: spans or log records, by their number and the reason. `untold-tests`: its Node does not tell of its tests. `test-runner`: a runner whose tests have spans, or a sentence about what has none. `late-name`: the app set OTEL_SERVICE_NAME after its start.
 * `unseen-request`: it answered a request that it made itself, and that has no span.
 */
export type Use =
  | 'start'
  | 'server'
  | 'fastify'
  | 'fetch'
  | 'client'
  | 'driver'
  | 'untraced-driver'
  | 'injected-driver'
  | 'untraced-copy'
  | 'traced-dialect'
  | 'connection'
  | 'http2-server'
  | 'http2-client'
  | 'grpc'
  | 'unsampled'
  | 'untraced'
  | 'restricted'
  | 'containers'
  | 'listen'
  | 'tests'
  | 'untold-tests'
  | 'test-runner'
  | 'late-name'
  | 'unseen-request'
  | 'lost'
  | 'key';

/** A line of the file. */
export interface Seen {
  readonly pid: number;
  readonly file: string;
  readonly use: Use;
  /** Of a driver or a runner of tests, the version of the started Node, or the reason. */
  readonly name?: string;
  /** Why a copy of a library, or the tests of a runner, have no spans. */
  readonly reason?: string;
}

function write(use: Use, name?: string, reason?: string): void {
  if (path === undefined) return;
  const facts = { ...(name && { name }), ...(reason && { reason }) };
  const line: Seen = { pid: process.pid, file: process.argv[1] ?? '', use, ...facts };
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

/** Whether Node has the channel that tells of the tests of `node:test`. */
function tellsTests(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 26 || (major === 26 && minor >= 1) || (major === 24 && minor >= 16);
}

const isTest = process.env.NODE_TEST_CONTEXT !== undefined || process.execArgv.includes('--test');
const seen = new Set<Use>();
let hasFastify = false;
const { OTEL_SERVICE_NAME: firstName } = process.env;
write('start', process.versions.node);
if (isTest) write('tests');
if (isTest && !tellsTests(process.versions.node)) write('untold-tests', process.versions.node);
for (const [channel, use] of Object.entries(CHANNELS))
  subscribe(channel, (message) => {
    if (isExport(message)) return;
    for (const each of usesOf(use, message)) {
      if (seen.has(each)) continue;
      seen.add(each);
      write(each);
      const { OTEL_SERVICE_NAME: name } = process.env;
      if (name && name !== firstName) write('late-name', name);
    }
  });

// Not its channel of handlers: Fastify calls each handler by the channel while anybody hears it, with frames in its stacks.
subscribe('fastify.initialization', () => {
  hasFastify = true;
});

// The first server is the app's; later ones are for metrics or a debugger.
subscribe('tracing:net.server.listen:asyncEnd', (message) => {
  const address = addressOf(Object(message).server);
  if (address === undefined || seen.has('listen')) return;
  seen.add('listen');
  write('listen', address);
});

/** The address of a listening server, where it takes requests. Node's module of HTTP is not loaded for it. */
function addressOf(server: unknown): string | undefined {
  const { listenerCount, address, setSecureContext } = Object(server);
  if (typeof listenerCount !== 'function' || typeof address !== 'function') return undefined;
  const takesRequests = ['request', 'stream'].some((event) => listenerCount.call(server, event) > 0);
  const { address: host, port } = Object(address.call(server));
  if (!takesRequests || typeof port !== 'number') return undefined; // or a socket of Unix
  const name = LOCAL.has(host) ? 'localhost' : String(host).includes(':') ? `[${host}]` : host;
  return `${setSecureContext === undefined ? 'http' : 'https'}://${name}:${port}/`;
}

/** The meaning of a message: gRPC runs over HTTP/2, undici's requests over HTTP/2 carry the trace, others do not. */
function usesOf(use: Use, message: unknown): Use[] {
  const { request, headers = request?.headers } = Object(message);
  const { traceparent = '', 'content-type': type } = Object(headers);
  if (use === 'http2-client' && traceparent !== '') return [];
  const isServer = use === 'server' || use === 'http2-server';
  return [
    use,
    ...(isServer && hasFastify ? (['fastify'] as const) : []),
    ...(use.startsWith('http2') && /^application\/grpc/.test(String(type)) ? (['grpc'] as const) : []),
    ...(isServer && UNSAMPLED.test(String(traceparent)) ? (['unsampled'] as const) : []),
  ];
}

/** Whether an SDK of the app runs already, loaded with `--require`: it sends its spans by the same variables. */
const hasSdk = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'))?.trace !== undefined;

/** Telemetry says here why it traces nothing. */
const UNTRACED = '@tandem/telemetry:untraced';
/** And here of what it lost. */
const LOST = '@tandem/telemetry:lost';
/** And here of a request that it could not see. */
const UNSEEN = '@tandem/telemetry:unseen-request';

if (telemetry !== '' && !hasSdk && !isStarter(process.argv[1] ?? '')) {
  subscribe(UNTRACED, (message) => write('untraced', String(Object(message).reason).replace(/\.$/, '')));
  subscribe(LOST, (message) => {
    const { items, what, reason } = Object(message);
    write('lost', String(what), `${items} ${reason}`);
  });
  subscribe(UNSEEN, () => {
    if (!seen.has('unseen-request')) write('unseen-request');
    seen.add('unseen-request');
  });
  subscribe(RUNNER_TOLD, (message) => {
    const { runner, note } = message as RunnerTold;
    write('test-runner', runner, note);
  });
  shareApi(telemetry, resolve(process.argv[1] ?? 'main.js'));
  traceDatabaseDrivers(write);
  startTelemetry();
}

/**
 * Starts telemetry with its spool in the folder of `run`, and without the app's key of Honeycomb: where the user asks for it,
 * the explorer sends on.
 * The changed variables are the app's. No process waits for an answer at its end: `run` sends the spans that a process leaves
 * in the spool.
 */
function startTelemetry(): void {
  const { DATA_DIR, HONEYCOMB_API_KEY, OTEL_BSP_MAX_EXPORT_BATCH_SIZE } = process.env;
  process.env.DATA_DIR = spool;
  process.env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE ??= BATCH;
  if (HONEYCOMB_API_KEY) {
    write('key');
    process.env.HONEYCOMB_API_KEY = '';
  }
  try {
    createRequire(import.meta.url)(telemetry);
  } finally {
    const given = { DATA_DIR, HONEYCOMB_API_KEY, OTEL_BSP_MAX_EXPORT_BATCH_SIZE };
    for (const [name, value] of Object.entries(given)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
