import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Addresses } from './addresses.ts';
import { localUrl, portOf } from './addresses.ts';
import { forOwnExplorer } from './processes/own-explorer.ts';
import type { Part } from './processes/run-part.ts';
import { ROOT } from './root.ts';

/**
 * Flags and variables with which the explorer stays below 700 MB with a full store, as in docker-compose.yml. Young
 * objects take at most 24 MB instead of 48 and more, and glibc gives freed memory back. Other systems ignore MALLOC_*.
 */
export const EXPLORER_MEMORY = {
  arguments: ['--max-semi-space-size=8'],
  environment: {
    MALLOC_ARENA_MAX: '2',
    MALLOC_TRIM_THRESHOLD_: '8388608',
    MALLOC_MMAP_THRESHOLD_: '262144',
  },
} as const;

/**
 * A service's flags, as in its package.json and the Dockerfile. In a process's first seconds V8 decides which objects go to
 * the old generation at once, and decides wrongly for a service. With `--no-allocation-site-pretenuring`, a traced home
 * request took 4 % less processor time at 500 requests/s, and 12 % less at full load (benchmarks/results/pair.json).
 */
const SERVICE_ARGUMENTS = [
  '--no-allocation-site-pretenuring',
  '--import',
  '@tandem/service-kit/register',
  'src/main.ts',
] as const;

/**
 * Requests a minute under `dev`: twice what `load` sends at most. All of them come from this machine, so the limit of
 * 600 would only stop the developer, after 30 s of load.
 */
const DEVELOPER_RATE_LIMIT = 60_000;

/** The three processes of the workspace: explorer, user-lookup, activities-api. */
export function workspaceProcesses(addresses: Addresses, given: NodeJS.ProcessEnv, watch: boolean): Part[] {
  const env = forOwnExplorer(given);
  const api = localUrl(addresses, 'api');
  const userLookup = localUrl(addresses, 'userLookup');
  const shared = {
    ...env,
    DATA_DIR: resolve(ROOT, env.DATA_DIR || '.data'),
    OTEL_EXPORTER_OTLP_ENDPOINT: env.OTEL_EXPORTER_OTLP_ENDPOINT || addresses.otlp.origin,
    ...tokenForExplorer(env),
    FRONTEND_URL: addresses.page.origin,
    BACKEND_URL: addresses.api.origin,
    USER_LOOKUP_URL: addresses.userLookup.origin,
    OTLP_PORT: String(portOf(addresses, 'otlp')),
    EXPOSE_METRICS: env.EXPOSE_METRICS || (watch ? 'true' : ''),
    EXPOSE_DOCUMENTATION: env.EXPOSE_DOCUMENTATION || (watch ? 'true' : ''),
    RATE_LIMIT_MAX: env.RATE_LIMIT_MAX || (watch ? String(DEVELOPER_RATE_LIMIT) : ''),
    EXPLORER_SERVICES: env.EXPLORER_SERVICES || `activities-api=${api},user-lookup=${userLookup}`,
  };
  const part = (name: string, directory: string, port: number) => ({
    name,
    directory,
    readyUrl: `http://localhost:${port}/health/ready`,
    ...(watch && { watched: [...packagesOf(directory)].map((folder) => join(folder, 'src')) }),
  });
  const service = (name: string, port: number): Part => ({
    ...part(name, join(ROOT, 'services', name), port),
    arguments: [...SERVICE_ARGUMENTS, '--seed'],
    environment: ofSenders(withOwn({ ...shared, PORT: String(port), OTEL_SERVICE_NAME: name }, given)),
  });
  const explorer: Part = {
    ...part('explorer', join(ROOT, 'packages', 'trace-explorer'), portOf(addresses, 'page')),
    arguments: [...EXPLORER_MEMORY.arguments, 'src/main.ts'],
    environment: {
      ...EXPLORER_MEMORY.environment,
      ...shared,
      PORT: String(portOf(addresses, 'page')),
      EXPLORER_QUERIES: resolve(ROOT, env.EXPLORER_QUERIES || 'honeycomb'),
      LOG_LEVEL: env.LOG_LEVEL || 'info',
    },
  };
  return [
    explorer,
    service('user-lookup', portOf(addresses, 'userLookup')),
    service('activities-api', portOf(addresses, 'api')),
  ];
}

/** The folder of a package, and those of the workspace's packages that it loads. */
function packagesOf(directory: string, found = new Set<string>()): Set<string> {
  if (found.has(directory)) return found;
  found.add(directory);
  const { dependencies = {} } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  for (const [name, version] of Object.entries<string>(dependencies))
    if (version.startsWith('workspace:')) packagesOf(join(ROOT, 'packages', basename(name)), found);
  return found;
}

/** The environment of a service with the names of what is set here and not by the person: telemetry does not tell those. */
function withOwn<Env extends NodeJS.ProcessEnv>(env: Env, given: NodeJS.ProcessEnv): Env {
  const names = Object.keys(env).filter((name) => env[name] && !given[name]);
  return {
    ...env,
    TANDEM_RUN_SET: [given.TANDEM_RUN_SET, 'OTEL_SERVICE_NAME', ...names].filter(Boolean).join(),
  };
}

/** The environment of the services: without the key where the explorer sends on to Honeycomb, as `register` reads it. */
export function ofSenders<Env extends NodeJS.ProcessEnv>(env: Env): Env {
  return env.EXPLORER_FORWARD === 'honeycomb' ? { ...env, HONEYCOMB_API_KEY: '' } : env;
}

/** The explorer's token as a header for senders of spans; nothing when the user set endpoint or headers. */
function tokenForExplorer(env: NodeJS.ProcessEnv): Record<string, string> {
  const { EXPLORER_TOKEN, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS } = env;
  if (!EXPLORER_TOKEN || OTEL_EXPORTER_OTLP_ENDPOINT || OTEL_EXPORTER_OTLP_HEADERS) return {};
  return { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${encodeURIComponent(EXPLORER_TOKEN)}` };
}
