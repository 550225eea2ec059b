// Runs the trace explorer and all services until Ctrl+C, and starts a service again when its sources change (`--no-watch`: not).
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { askNoProxyForLoopback } from './lib/processes/loopback.ts';
import { pairParts } from './lib/processes/pair-parts.ts';
import { readableLine } from './lib/processes/readable-line.ts';
import { runParts } from './lib/processes/run-parts.ts';
import { ROOT, readServices } from './services.ts';

const dotEnv = join(ROOT, '.env');
if (existsSync(dotEnv)) process.loadEnvFile(dotEnv);
const { env } = process;
askNoProxyForLoopback(env);
const page = pageUrl(env.EXPLORER_URL || 'http://localhost:4319');
const otlpPort = env.OTLP_PORT || '4318';
const dataFolder = join(ROOT, env.DATA_DIR || '.data');
/** The team's packages, which all services may use. */
const packages = globSync('packages/*/src', { cwd: ROOT }).map((path) => join(ROOT, path));
const isWatched = !process.argv.includes('--no-watch');
const found = readServices().map(({ name, folder, port, urlVariable }) => ({
  name,
  folder,
  urlVariable,
  url: env[urlVariable] || `http://localhost:${port}`,
  watched: isWatched ? [join(folder, 'src'), ...packages] : undefined,
}));
/** What the others ask comes first: the last one of the list is stopped first. */
const services = found.toSorted(
  (a, b) => Number(b.name === 'user-lookup') - Number(a.name === 'user-lookup'),
);
const parts = pairParts(env, {
  explorer: {
    directory: ROOT,
    arguments: [
      join(ROOT, 'node_modules', '@tandem', 'trace-explorer', 'trace-explorer.mjs'),
      ...['--data-dir', dataFolder],
      ...['--port', new URL(page).port],
      ...['--otlp-port', otlpPort],
      ...['--grpc-port', env.OTLP_GRPC_PORT || '4317'],
    ],
    environment: {
      // *Try it* has a button for each request that this service describes.
      BACKEND_URL: env.BACKEND_URL || services.find(({ name }) => name === 'activities-api')?.url || '',
    },
    url: page,
    watched: undefined,
  },
  services,
  otlp: `http://localhost:${otlpPort}`,
  shared: {
    ...Object.fromEntries(services.map(({ urlVariable, url }) => [urlVariable, url])),
    EXPLORER_URL: page,
  },
});
const list = services.map(({ name, url }) => `  ${name}=${url}`);
await runParts(parts, `\nAll runs. Traces: ${page}\n${list.join('\n')}\n`, readableLine);

/** Where the page is on this machine. EXPLORER_URL may be another machine's, which commands ask. */
function pageUrl(given: string): string {
  const { hostname, port } = new URL(given);
  return `http://localhost:${/^(?:localhost|127\.0\.0\.1)$/.test(hostname) ? port || 80 : 4319}`;
}
