import type { LoadedPackages } from './loaded-packages.ts';
import { loadedPackages } from './loaded-packages.ts';

/** The package through which all others find each other. */
const API = '@opentelemetry/api';

/** Brings many instrumentations, so that it alone has to be named. */
const AUTO = '@opentelemetry/auto-instrumentations-node';

/** Makes the SERVER spans where there is no Fastify. */
const HTTP = '@opentelemetry/instrumentation-http';

/** Packages that trace what is traced here already, with what happens then. */
const SECOND_TRACERS: Readonly<Record<string, string>> = {
  [AUTO]: 'requests get a second SERVER and a second CLIENT span',
  [HTTP]: 'requests get a second SERVER and a second CLIENT span',
  '@fastify/otel': 'requests get a second SERVER span',
  'dd-trace': 'requests are traced twice, and headers of two traces are sent',
  'elastic-apm-node': 'requests are traced twice, and headers of two traces are sent',
  newrelic: 'requests are traced twice, and headers of two traces are sent',
};

/** One copy of these is ours; a second copy instruments a second time. */
const INSTRUMENTATIONS = ['@opentelemetry/instrumentation-undici', '@opentelemetry/instrumentation-fastify'];

/** One line each, with what to do, for what is loaded twice or traces twice; none when all is well. */
export function findDoubleTracing(loaded: LoadedPackages = loadedPackages()): string[] {
  const copies = [API, ...INSTRUMENTATIONS].flatMap((name) => {
    const directories = [...(loaded.get(name) ?? [])];
    if (directories.length < 2) return [];
    const loss =
      name === API
        ? 'a newer one sees nothing of what an older one registers'
        : 'each makes a span of the same thing';
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

/** Whether somebody else's package that makes SERVER spans is loaded. */
export function hasOtherTracer(loaded: LoadedPackages = loadedPackages()): boolean {
  return Object.keys(SECOND_TRACERS).some((name) => loaded.has(name));
}
