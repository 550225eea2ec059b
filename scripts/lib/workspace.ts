import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessSpec } from './processes.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

/** Where the processes of the workspace listen. Ports come from the URLs, so that one variable moves both sides. */
export interface Addresses {
  readonly page: URL;
  readonly api: URL;
  readonly userLookup: URL;
  readonly otlp: URL;
}

/** Loads the root's `.env`, if there is one; what the shell has set wins. */
export function loadDotEnv(): void {
  const path = join(ROOT, '.env');
  if (existsSync(path)) process.loadEnvFile(path);
}

/** @throws Error naming the variable that is not a URL */
export function readAddresses(env: NodeJS.ProcessEnv): Addresses {
  const otlpPort = env.OTLP_PORT || '4318';
  return {
    page: url(env, 'FRONTEND_URL', 'http://localhost:3000'),
    api: url(env, 'BACKEND_URL', 'http://localhost:4567'),
    userLookup: url(env, 'USER_LOOKUP_URL', 'http://localhost:4568'),
    otlp: new URL(`http://localhost:${otlpPort}`),
  };
}

function url(env: NodeJS.ProcessEnv, name: string, otherwise: string): URL {
  const value = env[name] || otherwise;
  const parsed = URL.parse(value);
  if (parsed === null)
    throw new Error(`${name} must be a URL like ${otherwise}, not ${JSON.stringify(value)}.`);
  return parsed;
}

/**
 * How the explorer's process is started to stay below 700 MB with a full store; docker-compose.yml says the same.
 * Young objects take 24 MB at most instead of 48 and more, and glibc gives freed memory back to the system. Other
 * systems do not read MALLOC_*.
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
 * How a service is started; its package.json and the Dockerfile say the same. V8 decides in a service's first seconds
 * which allocations go to its old generation at once, and with a tracer in it decides wrongly: the home feed takes 24 to
 * 65 µs more (docs/adr/0011-cost-of-tracing.md).
 */
const SERVICE_ARGUMENTS = [
  '--no-allocation-site-pretenuring',
  '--import',
  '@tandem/service-kit/register',
  'src/main.ts',
] as const;

/** The three processes of the workspace: explorer, user-lookup, activities-api. */
export function workspaceProcesses(
  addresses: Addresses,
  env: NodeJS.ProcessEnv,
  watch: boolean,
): ProcessSpec[] {
  const shared = {
    ...env,
    DATA_DIR: env.DATA_DIR || join(ROOT, '.data'),
    OTEL_EXPORTER_OTLP_ENDPOINT: env.OTEL_EXPORTER_OTLP_ENDPOINT || addresses.otlp.origin,
    ...tokenForExplorer(env),
    FRONTEND_URL: addresses.page.origin,
    BACKEND_URL: addresses.api.origin,
    USER_LOOKUP_URL: addresses.userLookup.origin,
    OTLP_PORT: addresses.otlp.port,
    EXPOSE_METRICS: env.EXPOSE_METRICS || (watch ? 'true' : ''),
    EXPOSE_DOCUMENTATION: env.EXPOSE_DOCUMENTATION || (watch ? 'true' : ''),
  };
  const node = watch ? ['--watch', '--watch-preserve-output'] : [];
  const service = (name: string, address: URL): ProcessSpec => ({
    name,
    directory: join(ROOT, 'services', name),
    arguments: [...node, ...SERVICE_ARGUMENTS, '--seed'],
    environment: { ...shared, PORT: portOf(address), OTEL_SERVICE_NAME: name },
    readyUrl: `http://localhost:${portOf(address)}/health/ready`,
  });
  const explorer: ProcessSpec = {
    name: 'explorer',
    directory: join(ROOT, 'packages', 'trace-explorer'),
    arguments: [...node, ...EXPLORER_MEMORY.arguments, 'src/main.ts'],
    environment: { ...EXPLORER_MEMORY.environment, ...shared, PORT: portOf(addresses.page) },
    readyUrl: `http://localhost:${portOf(addresses.page)}/health/ready`,
  };
  return [explorer, service('user-lookup', addresses.userLookup), service('activities-api', addresses.api)];
}

/** The explorer's token as the header of those who send it spans; nothing where the sender's settings are made by hand. */
function tokenForExplorer(env: NodeJS.ProcessEnv): Record<string, string> {
  const { EXPLORER_TOKEN, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS } = env;
  if (!EXPLORER_TOKEN || OTEL_EXPORTER_OTLP_ENDPOINT || OTEL_EXPORTER_OTLP_HEADERS) return {};
  return { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${encodeURIComponent(EXPLORER_TOKEN)}` };
}

function portOf(address: URL): string {
  return address.port || (address.protocol === 'https:' ? '443' : '80');
}
