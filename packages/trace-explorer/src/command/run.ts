import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Static } from 'typebox';
import { GIVEN_ENVIRONMENT } from '../process-settings.ts';
import type { Status } from '../status.ts';
import type { List } from '../traces/api/schemas.ts';
import { readArguments, wrongUsage } from './arguments.ts';
import type { ExplorerClient } from './client/explorer-client.ts';
import { CALL, CliError, explorerAt } from './client/explorer-client.ts';

/** The page's port of an explorer that is started here: the command itself often takes 3000. */
const PAGE_PORT = '4319';

const USAGE = `Runs a command and shows its traces: starts an explorer where none runs, for as long as the command runs.

  ${CALL} run -- npm run dev
  --name NAME         of the run, for compare: vcs.ref.head.revision of what it sends
  --port PORT         of the explorer's page (3000 where one runs, else ${PAGE_PORT})
  --otlp-port PORT    of OTLP over HTTP, where an explorer is started (4318)
  --data-dir FOLDER   where data is kept, where an explorer is started

Node: Fastify, fetch, pino, ioredis, node-redis and mysql2 are traced; install and change nothing. Python, Go, Java and
.NET: OpenTelemetry's own SDK or agent reads the same variables.
`;

const text = { type: 'string' } as const;

/** The explorer that the command sends to. */
interface Target {
  readonly client: ExplorerClient;
  readonly endpoint: string;
  /** Ends an explorer that was started here. */
  readonly stop?: () => Promise<void>;
}

/**
 * `run -- COMMAND`: passes signals, standard streams and the exit code through, and ends with a line about the traces.
 * @throws CliError; ListenError, StoreOpenError when the explorer cannot start
 */
export async function runProgram(args: readonly string[]): Promise<void> {
  const parsed = readArguments(args, USAGE, { name: text, port: text, 'otlp-port': text, 'data-dir': text });
  if (parsed === undefined) return;
  const { values, positionals } = parsed;
  const { name, ...own } = values;
  const [command, ...rest] = positionals;
  if (command === undefined) throw wrongUsage('Name the command to run.', USAGE);
  const ports = values.port === undefined ? ['3000', PAGE_PORT] : [values.port];
  const { client, endpoint, stop } = (await findExplorer(ports)) ?? (await startOwn(own));
  process.stderr.write(`Traces: ${client.url}\n`);
  const since = Date.now() / 1000;
  try {
    process.exitCode = await runToEnd(command, rest, endpoint, name);
    const again = process.env.TANDEM ? `${CALL} dev` : 'npx @tandem/trace-explorer --open';
    const where = stop === undefined ? client.url : `${again} shows them`;
    process.stderr.write(`${await countTraces(client, since)}: ${where}\n`);
  } finally {
    await stop?.();
  }
}

/** The first of these ports where an explorer answers. */
async function findExplorer(ports: readonly string[]): Promise<Target | undefined> {
  for (const port of ports) {
    const client = explorerAt(`http://localhost:${port}`);
    const signal = AbortSignal.timeout(5_000);
    const status = await client.ask<Partial<Status>>('/api/status', { signal }).catch(() => undefined);
    if (status?.otlp_endpoint !== undefined) return { client, endpoint: status.otlp_endpoint };
  }
  return undefined;
}

async function startOwn(flags: object): Promise<Target> {
  // Loaded here: while another explorer answers, nothing of an explorer is needed.
  const { createLogger } = await import('@tandem/service-kit/http');
  const { startExplorer } = await import('../start-explorer.ts');
  const { configOf } = await import('./serve/config-of.ts');
  // PORT, HOST, DATA_DIR and LOG_LEVEL are the command's.
  const own = Object.entries(GIVEN_ENVIRONMENT).filter(([name]) => /^(?:EXPLORER|OTLP)_/.test(name));
  const config = configOf({ port: PAGE_PORT, 'grpc-port': 'off', ...flags }, Object.fromEntries(own));
  const { port, otlpPort, stop } = await startExplorer(config, createLogger(config.logLevel));
  return { client: explorerAt(`http://localhost:${port}`), endpoint: `http://localhost:${otlpPort}`, stop };
}

/** Runs the command as if it had been started without this one. Resolves with its exit code. @throws CliError */
async function runToEnd(
  command: string,
  args: readonly string[],
  endpoint: string,
  name?: string,
): Promise<number> {
  const { TANDEM, INIT_CWD, EXPLORER_TOKEN, NODE_OPTIONS = '', OTEL_LOG_LEVEL = 'error' } = GIVEN_ENVIRONMENT;
  const { OTEL_RESOURCE_ATTRIBUTES: given } = GIVEN_ENVIRONMENT;
  const named = name && `vcs.ref.head.revision=${encodeURIComponent(name)}`;
  const cwd = TANDEM && INIT_CWD ? INIT_CWD : process.cwd(); // the launcher runs in the workspace's root
  const env: NodeJS.ProcessEnv = {
    ...GIVEN_ENVIRONMENT,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    ...(EXPLORER_TOKEN && { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${EXPLORER_TOKEN}` }),
    OTEL_LOG_LEVEL,
    ...(named && { OTEL_RESOURCE_ATTRIBUTES: given ? `${given},${named}` : named }),
    NODE_OPTIONS: `${NODE_OPTIONS} --import ${telemetryFor(cwd)}`.trim(),
  };
  const child = spawn(command, args, { cwd, env, stdio: 'inherit', shell: process.platform === 'win32' });
  // A terminal sends Ctrl+C to the command, too.
  const pass = (signal: NodeJS.Signals) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, pass);
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', ({ message }) =>
        reject(new CliError(`${command} cannot be started: ${message}`, { exitCode: 127 })),
      );
    },
  );
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** The module that starts telemetry in Node: the app's own, else the explorer's. */
function telemetryFor(folder: string): string {
  const [file] = [join(folder, 'package.json'), import.meta.filename].flatMap((from) => {
    try {
      return createRequire(from).resolve('@tandem/telemetry/register');
    } catch {
      return [];
    }
  });
  return pathToFileURL(file ?? '').href;
}

/** The most traces that are counted, 200 at a time. */
const MAX_TRACES = 2_000;

async function countTraces(client: ExplorerClient, since: number): Promise<string> {
  let [traces, failed, cursor] = [0, 0, ''];
  do {
    const next = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const page = await client.ask<Static<typeof List>>(`/api/traces?limit=200&start_time=${since}${next}`);
    traces += page.traces.length;
    failed += page.traces.filter(({ errors }) => errors > 0).length;
    cursor = page.next ?? '';
  } while (cursor !== '' && traces < MAX_TRACES);
  return `${cursor === '' ? '' : 'more than '}${traces} ${traces === 1 ? 'trace' : 'traces'}, ${failed} with errors`;
}
