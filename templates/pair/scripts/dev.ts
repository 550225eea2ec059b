// Runs the trace explorer and all services until Ctrl+C, and starts a service again when its sources change (`--no-watch`: not).
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopWithLaunchers } from './lib/processes/launchers.ts';
import { askNoProxyForLoopback } from './lib/processes/loopback.ts';
import { forOwnExplorer } from './lib/processes/own-explorer.ts';
import { readableLine } from './lib/processes/readable-line.ts';
import { ROOT, readServices } from './services.ts';

/** With `--watch`, Node starts a service again when one of its modules changes, also a module of the kit. */
const SERVICE_ARGUMENTS = [
  ...(process.argv.includes('--no-watch') ? [] : ['--watch', '--watch-preserve-output']),
  '--import',
  '@tandem/service-kit/register',
  'src/main.ts',
  '--seed',
];

/** Time for open requests to finish. */
const GRACE_MS = 10_000;

const dotEnv = join(ROOT, '.env');
if (existsSync(dotEnv)) process.loadEnvFile(dotEnv);
askNoProxyForLoopback(process.env);
const env = forOwnExplorer(process.env);
const page = env.FRONTEND_URL || 'http://localhost:3000';
const otlpPort = env.OTLP_PORT || '4318';
const services = readServices().map((service) => ({
  ...service,
  url: env[service.urlVariable] || `http://localhost:${service.port}`,
}));
const urls = Object.fromEntries(services.map(({ urlVariable, url }) => [urlVariable, url]));

const children: ChildProcess[] = [];
const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0));
stopWithLaunchers(() => stop(0));

start('explorer', ROOT, explorerArguments(), { EXPLORER_SERVICES: listOf(services) });
for (const { name, folder, url } of services)
  start(name, folder, SERVICE_ARGUMENTS, {
    ...urls,
    PORT: new URL(url).port,
    OTEL_SERVICE_NAME: name,
    FRONTEND_URL: page,
    OTEL_EXPORTER_OTLP_ENDPOINT: env.OTEL_EXPORTER_OTLP_ENDPOINT || `http://localhost:${otlpPort}`,
  });
await Promise.all([page, ...services.map(({ url }) => url)].map(isReady));
if (!ended.signal.aborted)
  process.stdout.write(`\nAll runs. Traces: ${page}\n${listOf(services, '  ', '\n')}\n`);

function explorerArguments(): string[] {
  const command = join(ROOT, 'node_modules', '@tandem', 'trace-explorer', 'trace-explorer.mjs');
  const data = ['--data-dir', join(ROOT, env.DATA_DIR || '.data')];
  const grpcPort = env.OTLP_GRPC_PORT || '4317';
  return [command, ...data, '--port', new URL(page).port, '--otlp-port', otlpPort, '--grpc-port', grpcPort];
}

/** Starts a process whose lines have its name in front. */
function start(name: string, cwd: string, args: readonly string[], variables: NodeJS.ProcessEnv): void {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl+C in a terminal reaches this process alone, which then stops the others. On Windows it would open a window.
    detached: process.platform !== 'win32',
  });
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) =>
      process.stdout.write(`${name} | ${readableLine(line)}\n`),
    );
  children.push(child);
  child.on('exit', (code) => {
    if (!ended.signal.aborted) process.stdout.write(`${name} ended; all ends with it.\n`);
    stop(code ?? 1);
  });
}

/** Ends all: the processes get SIGTERM, and SIGKILL where they do not end. */
function stop(code: number): void {
  if (ended.signal.aborted) return;
  ended.abort();
  process.exitCode = code;
  for (const child of children) child.kill('SIGTERM');
  setTimeout(() => {
    for (const child of children) child.kill('SIGKILL');
  }, GRACE_MS).unref();
}

function listOf(all: typeof services, indent = '', separator = ','): string {
  return all.map(({ name, url }) => `${indent}${name}=${url}`).join(separator);
}

/** Resolves when a process can serve, or when all ends. The question has no span. */
async function isReady(url: string): Promise<void> {
  for (const { signal } = ended; !signal.aborted; await sleep(100))
    if (
      await fetch(`${url}/health/ready`, { signal }).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
}
