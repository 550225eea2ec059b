import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GIVEN_ENVIRONMENT } from '../../process-settings.ts';
import { CliError } from '../client/explorer-client.ts';
import type { Target } from './target.ts';

const TELEMETRY = '@tandem/telemetry';

/** Everything that the command sends goes to the explorer: the traces' own variables win over those of all signals. */
const SIGNALS = ['traces', 'logs', 'metrics'];

/**
 * The environment of the command: the caller's, with the variables that send its spans to the explorer. Each variable is
 * set, if only to nothing, because a `.env` file gives the variables that are not there.
 *
 * @param name of the run
 * @param uses file that `watch.ts` writes to
 * @throws CliError when telemetry is missing
 */
export function environmentFor(
  { endpoint, token }: Target,
  { cwd, name, uses }: { readonly cwd: string; readonly name?: string | undefined; readonly uses: string },
): NodeJS.ProcessEnv {
  const { NODE_OPTIONS = '', OTEL_LOG_LEVEL = 'error', OTEL_RESOURCE_ATTRIBUTES: given } = GIVEN_ENVIRONMENT;
  const named = name && `vcs.ref.head.revision=${encodeURIComponent(name)}`;
  const send = (signal: string, url: string) => ({
    [`OTEL_EXPORTER_OTLP_${signal}ENDPOINT`]: url,
    [`OTEL_EXPORTER_OTLP_${signal}HEADERS`]: token ? `authorization=Bearer%20${token}` : '',
    [`OTEL_EXPORTER_OTLP_${signal}PROTOCOL`]: 'http/protobuf',
  });
  const variables = [
    send('', endpoint),
    ...SIGNALS.map((signal) => send(`${signal.toUpperCase()}_`, `${endpoint}/v1/${signal}`)),
  ];
  // Before the caller's own modules: an SDK among them leaves the spans to telemetry then, and nothing is there twice.
  const preload = `--import ${import.meta.resolve('#watch')}`;
  return Object.assign({ ...GIVEN_ENVIRONMENT }, ...variables, {
    OTEL_LOG_LEVEL,
    ...(named && { OTEL_RESOURCE_ATTRIBUTES: given ? `${given},${named}` : named }),
    NODE_OPTIONS: `${preload} ${NODE_OPTIONS}`.trim(),
    TANDEM_RUN_USES: uses,
    TANDEM_RUN_TELEMETRY: telemetryFor(cwd),
    TANDEM_RUN_DRIVERS: driversIn(cwd).join(),
  });
}

/**
 * The module that starts telemetry in Node, as a URL: the app's own where its package.json names it, else the explorer's.
 * @throws CliError when neither is there
 */
export function telemetryFor(folder: string): string {
  const own = manifestOf(folder);
  const isNamed = own && names(own, TELEMETRY);
  // In the package telemetry is a folder beside this file. In the workspace it is a dependency, which is found as well.
  const ours = join(import.meta.dirname, 'telemetry', 'package.json');
  for (const from of isNamed ? [own.path, ours] : [ours]) {
    try {
      return pathToFileURL(createRequire(from).resolve(`${TELEMETRY}/register`)).href;
    } catch {}
  }
  throw new CliError('Telemetry is missing from this installation. Install @tandem/trace-explorer again.');
}

/** The drivers of databases in an app's package.json that OpenTelemetry's own instrumentations have to trace. */
export function driversIn(folder: string): string[] {
  const manifest = manifestOf(folder);
  return ['mongodb', 'pg'].filter((driver) => manifest && names(manifest, driver));
}

function names({ content }: { readonly content: Manifest }, dependency: string): boolean {
  return [content.dependencies, content.devDependencies].some((each) => each?.[dependency] !== undefined);
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The package.json of the package that a folder is in. Undefined where there is none, or where it is no JSON. */
function manifestOf(folder: string): { path: string; content: Manifest } | undefined {
  const path = join(folder, 'package.json');
  if (existsSync(path)) {
    try {
      return { path, content: Object(JSON.parse(readFileSync(path, 'utf8'))) };
    } catch {
      return undefined;
    }
  }
  return dirname(folder) === folder ? undefined : manifestOf(dirname(folder));
}
