// Runs the trace explorer and all services until Ctrl+C, and starts a service again when its sources change (`--no-watch`: not).
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { askNoProxyForLoopback } from './lib/processes/loopback.ts';
import { forOwnExplorer } from './lib/processes/own-explorer.ts';
import { readableLine } from './lib/processes/readable-line.ts';
import type { Part } from './lib/processes/run-part.ts';
import { runParts } from './lib/processes/run-parts.ts';
import { ROOT, readServices } from './services.ts';

const dotEnv = join(ROOT, '.env');
if (existsSync(dotEnv)) process.loadEnvFile(dotEnv);
askNoProxyForLoopback(process.env);
const env = forOwnExplorer(process.env);
const page = env.FRONTEND_URL || 'http://localhost:3000';
const otlpPort = env.OTLP_PORT || '4318';
const found = readServices().map((service) => ({
  ...service,
  url: env[service.urlVariable] || `http://localhost:${service.port}`,
}));
/** What the others ask comes first: the last one of the list is stopped first. */
const services = found.toSorted(
  (a, b) => Number(b.name === 'user-lookup') - Number(a.name === 'user-lookup'),
);
const urls = Object.fromEntries(services.map(({ urlVariable, url }) => [urlVariable, url]));
/** The team's packages, which all services may use. */
const packages = globSync('packages/*/src', { cwd: ROOT }).map((path) => join(ROOT, path));
const isWatched = !process.argv.includes('--no-watch');

const explorer: Part = {
  name: 'explorer',
  directory: ROOT,
  arguments: explorerArguments(),
  environment: {
    ...env,
    EXPLORER_SERVICES: listOf(services),
    // *Try it* has a button for each request that this service describes.
    BACKEND_URL: env.BACKEND_URL || services.find(({ name }) => name === 'activities-api')?.url || '',
  },
  readyUrl: readyUrlOf(page),
};
const parts = services.map(
  ({ name, folder, url }): Part => ({
    name,
    directory: folder,
    arguments: ['--import', '@tandem/service-kit/register', 'src/main.ts', '--seed'],
    environment: {
      ...env,
      ...urls,
      PORT: new URL(url).port,
      OTEL_SERVICE_NAME: name,
      FRONTEND_URL: page,
      OTEL_EXPORTER_OTLP_ENDPOINT: env.OTEL_EXPORTER_OTLP_ENDPOINT || `http://localhost:${otlpPort}`,
    },
    readyUrl: readyUrlOf(url),
    ...(isWatched && { watched: [join(folder, 'src'), ...packages] }),
  }),
);
const text = `\nAll runs. Traces: ${page}\n${listOf(services, '  ', '\n')}\n`;
await runParts([explorer, ...parts], text, readableLine);

function explorerArguments(): string[] {
  const command = join(ROOT, 'node_modules', '@tandem', 'trace-explorer', 'trace-explorer.mjs');
  const data = ['--data-dir', join(ROOT, env.DATA_DIR || '.data')];
  const grpcPort = env.OTLP_GRPC_PORT || '4317';
  return [command, ...data, '--port', new URL(page).port, '--otlp-port', otlpPort, '--grpc-port', grpcPort];
}

function listOf(all: typeof services, indent = '', separator = ','): string {
  return all.map(({ name, url }) => `${indent}${name}=${url}`).join(separator);
}

function readyUrlOf(url: string): string {
  return new URL('/health/ready', url).href;
}
