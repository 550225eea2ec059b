import { forOwnExplorer } from './own-explorer.ts';
import type { Part } from './run-part.ts';

/** A service that runs beside the explorer. */
export interface RunningService {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  /** Where it listens on this machine. */
  readonly url: string;
  /** Absolute paths of what it loads; a change starts it again. */
  readonly watched: readonly string[] | undefined;
}

/** An explorer and its services. */
export interface Pair {
  /** Its variables stand in place of those of the person. */
  readonly explorer: Pick<Part, 'directory' | 'arguments' | 'environment'> &
    Pick<RunningService, 'url' | 'watched'>;
  /** What others ask stands before them, because the last one is stopped first. */
  readonly services: readonly RunningService[];
  /** Where the explorer takes spans. */
  readonly otlp: string;
  /** Variables of all processes, in place of those of the person. */
  readonly shared: NodeJS.ProcessEnv;
}

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
 * request took 4 % less processor time at 500 requests/s, and 12 % less at full load.
 */
const SERVICE_ARGUMENTS = [
  '--no-allocation-site-pretenuring',
  '--import',
  '@tandem/service-kit/register',
  'src/main.ts',
  '--seed',
];

/** The processes of `dev` and `start`: the explorer, and services that send to it. @param given the person's environment */
export function pairParts(given: NodeJS.ProcessEnv, { explorer, services, otlp, shared }: Pair): Part[] {
  const env = forOwnExplorer(given);
  const named = services.map(({ name, url }) => `${name}=${url}`);
  const ofAll = {
    ...env,
    OTEL_EXPORTER_OTLP_ENDPOINT: env.OTEL_EXPORTER_OTLP_ENDPOINT || otlp,
    ...tokenForExplorer(env),
    EXPLORER_SERVICES: env.EXPLORER_SERVICES || named.toSorted().join(),
    ...shared,
  };
  const part = (name: string, { url, watched }: Pick<RunningService, 'url' | 'watched'>) => ({
    name,
    readyUrl: new URL('/health/ready', url).href,
    ...(watched && { watched }),
  });
  const environmentOf = (url: string) => ({ ...ofAll, PORT: portOf(url) });
  return [
    {
      ...part('explorer', explorer),
      directory: explorer.directory,
      arguments: [...EXPLORER_MEMORY.arguments, ...explorer.arguments],
      environment: {
        ...EXPLORER_MEMORY.environment,
        ...environmentOf(explorer.url),
        ...explorer.environment,
      },
    },
    ...services.map((service) => ({
      ...part(service.name, service),
      directory: service.folder,
      arguments: SERVICE_ARGUMENTS,
      environment: withOwn({ ...environmentOf(service.url), OTEL_SERVICE_NAME: service.name }, given),
    })),
  ];
}

function portOf(url: string): string {
  const { port, protocol } = new URL(url);
  return port || (protocol === 'https:' ? '443' : '80');
}

/** The environment of a service with the names of what is set here and not by the person: telemetry does not tell those. */
function withOwn<Env extends NodeJS.ProcessEnv>(env: Env, given: NodeJS.ProcessEnv): Env {
  const names = Object.keys(env).filter((name) => env[name] && !given[name]);
  return {
    ...env,
    TANDEM_RUN_SET: [given.TANDEM_RUN_SET, 'OTEL_SERVICE_NAME', ...names].filter(Boolean).join(),
  };
}

/** The explorer's token as a header for senders of spans; nothing when the user set endpoint or headers. */
function tokenForExplorer(env: NodeJS.ProcessEnv): Record<string, string> {
  const { EXPLORER_TOKEN, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS } = env;
  if (!EXPLORER_TOKEN || OTEL_EXPORTER_OTLP_ENDPOINT || OTEL_EXPORTER_OTLP_HEADERS) return {};
  return { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${encodeURIComponent(EXPLORER_TOKEN)}` };
}
