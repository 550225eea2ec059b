import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { watchArrivals } from '../fastify/server-span.ts';
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

/** Of each of these one copy is ours; with what happens when there is a second one. */
const SAME_SPANS = 'each makes a span of the same thing';
const COPIES: Readonly<Record<string, string>> = {
  '@opentelemetry/api': 'a newer one sees nothing of what an older one registers',
  '@opentelemetry/instrumentation-undici': SAME_SPANS,
  '@opentelemetry/instrumentation-fastify': SAME_SPANS,
};

/** A path up to the package's name after the last `node_modules`. */
const PACKAGE = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/;

/** When packages that are loaded twice are looked for again, in milliseconds: by then a service has loaded its modules. */
const LOOK_AGAIN_AFTER_MS = 2_000;

/** The files of the CommonJS modules in this process: all packages that are asked for here are CommonJS on Node. */
const loadedFiles = () => Object.keys(createRequire(import.meta.url).cache);

/** One line each, with what to do, for what is loaded twice or traces twice; none when all is well. */
export function findDoubleTracing(files: readonly string[] = loadedFiles()): string[] {
  const loaded = packagesOf(files);
  const copies = Object.entries(COPIES).flatMap(([name, loss]) => {
    const directories = [...(loaded.get(name) ?? [])];
    if (directories.length < 2) return [];
    return [
      `${directories.length} copies of ${name} are loaded, and ${loss}: install one version of it (an override of your ` +
        `package manager; \`npm ls ${name}\` or \`pnpm why -r ${name}\` says who brings it). Loaded from ${directories.join(' and ')}.`,
    ];
  });
  const tracers = Object.entries(SECOND_TRACERS)
    .filter(([name]) => loaded.has(name) && !(name === HTTP && (loaded.has(AUTO) || !loaded.has('fastify'))))
    .map(
      ([name, loss]) => `${name} is loaded too, so ${loss}: leave it out, or leave @tandem/telemetry out.`,
    );
  return [...copies, ...tracers];
}

/** Warns of what is loaded twice, now and when the service has loaded its modules, of each thing once. Returns how to stop. */
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

/** Names of packages, with the directories they were loaded from; several directories are several copies. */
function packagesOf(files: readonly string[]): Map<string, Set<string>> {
  const packages = new Map<string, Set<string>>();
  for (const file of files) {
    const [directory, name = ''] = PACKAGE.exec(file) ?? [];
    const known = name.replaceAll('\\', '/');
    if (directory) packages.set(known, (packages.get(known) ?? new Set()).add(directory));
  }
  return packages;
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

/** So many requests must have come unsampled before the warning: one is somebody's try; and such a share of all. */
const UNSAMPLED_REQUESTS = 10;
const UNSAMPLED_SHARE = 0.1;

/**
 * Warns when callers send a `traceparent` whose flags say "not sampled", which a sampler that follows its parent takes
 * over: then requests make no spans. Seen with load balancers, gateways, and browsers that sample.
 */
export function noticeUnsampled(warn: Warn): void {
  watchArrivals(({ none, sampled, unsampled }) => {
    const all = none + sampled + unsampled;
    if (unsampled < UNSAMPLED_REQUESTS || unsampled < all * UNSAMPLED_SHARE) return true;
    warn(
      `${unsampled} of ${all} requests (${Math.round((unsampled / all) * 100)} %) came with a traceparent that is not ` +
        'sampled (its last digits are 00), so they make no spans here, as their callers ask: a load balancer, a gateway ' +
        'or a browser. Let the caller sample them, or take its traceparent out; or set OTEL_TRACES_SAMPLER=always_on, ' +
        "or the option publicEdge of fastifyTracing, by which strangers' requests begin traces of their own.",
    );
    return false;
  });
}
