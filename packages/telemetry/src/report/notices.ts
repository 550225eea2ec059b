import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { isServerTraced } from '../running-telemetry.ts';

/** Says once, in a line, what makes traces wrong and what to do. */
export type Warn = (message: string) => void;

/** Packages that trace what is traced here already, with what happens then. */
const TWO_SPANS = 'requests get a second SERVER and a second CLIENT span';
const TWO_TRACES = 'requests are traced twice, and headers of two traces are sent';
const AUTO = '@opentelemetry/auto-instrumentations-node';
/** Makes the SERVER spans where there is no Fastify. */
const HTTP = '@opentelemetry/instrumentation-http';
const SECOND_TRACERS: Readonly<Record<string, string>> = {
  [AUTO]: TWO_SPANS,
  [HTTP]: TWO_SPANS,
  '@fastify/otel': 'requests get a second SERVER span',
  'dd-trace': TWO_TRACES,
  'elastic-apm-node': TWO_TRACES,
  newrelic: TWO_TRACES,
};

/** A path up to the package's name after the last `node_modules`. */
const PACKAGE = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/;

/** When second tracers are looked for again, in milliseconds: by then a service has loaded its modules. */
const LOOK_AGAIN_AFTER_MS = 2_000;

/** The files of the CommonJS modules in this process: all packages that are asked for here are CommonJS on Node. */
const loadedFiles = () => Object.keys(createRequire(import.meta.url).cache);

/** The names of the packages that files are of. */
function packagesOf(files: readonly string[]): Set<string> {
  return new Set(files.map((file) => PACKAGE.exec(file)?.[1]?.replaceAll('\\', '/') ?? ''));
}

/** One line each, with what to do, for what traces twice; none when all is well. */
export function findDoubleTracing(files: readonly string[] = loadedFiles()): string[] {
  const loaded = packagesOf(files);
  return Object.entries(SECOND_TRACERS)
    .filter(([name]) => loaded.has(name) && !(name === HTTP && (loaded.has(AUTO) || !loaded.has('fastify'))))
    .map(
      ([name, loss]) => `${name} is loaded too, so ${loss}: leave it out, or leave @tandem/telemetry out.`,
    );
}

/** Warns of what traces twice, now or when the service has loaded its modules. Returns how to stop. */
export function noticeDoubleTracing(warn: Warn): () => void {
  const said = new Set<string>();
  const look = () => {
    for (const warning of findDoubleTracing()) {
      if (!said.has(warning)) warn(warning);
      said.add(warning);
    }
  };
  look();
  const timer = setTimeout(look, LOOK_AGAIN_AFTER_MS).unref();
  return () => clearTimeout(timer);
}

/** Where Node tells of each request of HTTP/1 (Node.js, diagnostics_channel, "HTTP"). */
const REQUESTS = 'http.server.request.start';

/**
 * Warns when a first request arrives and nothing in this process makes SERVER spans: a service with Express or plain
 * http, or one that has not registered the plugin. Looks at the first request only. Returns how to stop.
 */
export function noticeUntracedServer(warn: Warn): () => void {
  const stop = () => void unsubscribe(REQUESTS, look);
  function look(): void {
    stop();
    const loaded = packagesOf(loadedFiles());
    if (isServerTraced() || Object.keys(SECOND_TRACERS).some((name) => loaded.has(name))) return;
    warn(
      'Requests arrive, and nothing in this process makes SERVER spans of them. Fastify: register fastifyTracing. Express and ' +
        'plain http: add @opentelemetry/instrumentation-http with registerInstrumentations, after registerTelemetry, in a module ' +
        'that is loaded before all others.',
    );
  }
  subscribe(REQUESTS, look);
  return stop;
}
