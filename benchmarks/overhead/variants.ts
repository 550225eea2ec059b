import { createRequire } from 'node:module';
import { join } from 'node:path';
import { environmentFor } from '../../packages/trace-explorer/src/parts/run/command/environment.ts';
import type { Startable } from '../lib/in-turn/side-by-side.ts';
import { YOUNG_ALLOCATIONS } from '../lib/node-options.ts';
import { LEFT_OUT, PARTS } from '../lib/parts.ts';
import { startServicePair } from './service-pair.ts';

/** A way to trace the two services. */
export interface Variant extends Startable {
  /** The package with the tracer's version. */
  readonly versionOf?: string;
}

const require = createRequire(import.meta.url);

/** Not asked for anything outside of the machine: cloud metadata would be. */
const OTEL = {
  OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
};

/** @param find what is loaded before the service; asked for once the peers are installed */
function preloaded(
  option: '--import' | '--require',
  find: () => string,
  environment: Record<string, string> = OTEL,
): Omit<Variant, 'name'> {
  return {
    protocol: 'otlp',
    start: (port, directory) =>
      startServicePair((serviceName) => ({
        nodeArguments: [YOUNG_ALLOCATIONS, option, find()],
        environment: { ...otlpTo(serviceName, port), DATA_DIR: directory, ...environment },
      })),
  };
}

function ours(environment: Record<string, string> = {}): Omit<Variant, 'name'> {
  const options = { LOG_LEVEL: 'warn', ...environment };
  return preloaded('--import', () => import.meta.resolve('./ours.ts'), options);
}

function otlpTo(serviceName: string, port: number): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: serviceName,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  };
}

/** Under `run`: its preload, the telemetry of the service's folder, and all variables that it sets. */
const underRun: Omit<Variant, 'name'> = {
  protocol: 'otlp',
  start: (port, directory) =>
    startServicePair((serviceName) => {
      const set = environmentFor(
        { endpoint: `http://127.0.0.1:${port}`, token: undefined },
        {
          id: 'bench',
          cwd: import.meta.dirname,
          head: {},
          command: 'node service.ts',
          uses: join(directory, 'uses'),
          spool: join(directory, 'spool'),
          profile: false,
        },
      );
      const given = Object.entries(set).filter((entry): entry is [string, string] => entry[1] !== undefined);
      return {
        nodeArguments: [YOUNG_ALLOCATIONS],
        environment: { ...Object.fromEntries(given), OTEL_SERVICE_NAME: serviceName, DATA_DIR: directory },
      };
    }),
};

const untraced = {
  start: () => startServicePair(() => ({ nodeArguments: [YOUNG_ALLOCATIONS], environment: {} })),
};

/** The variants to compare with: `added` is over the first one. OURS_AGAIN shows the noise: its ratio to OURS would be 1. */
export const BASE = 'untraced';
export const OURS = '@tandem/telemetry';
export const OURS_AGAIN = '@tandem/telemetry again (null check)';
export const OURS_RUN = '@tandem/telemetry under `run`';
export const OURS_CHANNELS = "@tandem/telemetry, undici's channels";
export const OURS_UNWATCHED = '@tandem/telemetry, TRACE_WAITS=false';
export const OURS_LEAN = '@tandem/telemetry, lean engine';
export const FASTIFY_OTEL = '@fastify/otel + instrumentation-undici';
export const PLAIN = 'plain plugin + instrumentation-undici';
export const TEXTBOOK = 'textbook auto-instrumentation';

/** Begins the names of ours with one part of the plain plugin's service in place of ours. `--only swap` measures these. */
export const SWAP = 'swap: ';

const SWAPS: readonly Variant[] = [
  ...PARTS.map((part) => ({ name: `${SWAP}without ${part}`, ...ours({ [LEFT_OUT]: part }) })),
  { name: `${SWAP}without export`, ...ours({ OTEL_TRACES_EXPORTER: 'none' }) },
  {
    name: `${SWAP}lean engine without response headers`,
    ...ours({ [LEFT_OUT]: 'response headers', TRACE_LEAN: 'true' }),
  },
];

export const VARIANTS: readonly Variant[] = [
  { name: BASE, ...untraced },
  { name: OURS, ...ours() },
  {
    name: PLAIN,
    versionOf: '@opentelemetry/sdk-trace-node',
    ...preloaded('--import', () => import.meta.resolve('./variants/by-hand.ts')),
  },
  { name: OURS_AGAIN, ...ours() },
  { name: OURS_LEAN, ...ours({ TRACE_LEAN: 'true' }) },
  { name: OURS_RUN, ...underRun },
  { name: OURS_UNWATCHED, ...ours({ TRACE_WAITS: 'false' }) },
  { name: OURS_CHANNELS, ...ours({ BENCH_UNDICI: 'channels' }) },
  {
    name: FASTIFY_OTEL,
    versionOf: '@fastify/otel',
    ...preloaded('--import', () => import.meta.resolve('./variants/fastify-otel.ts')),
  },
  {
    name: TEXTBOOK,
    versionOf: '@opentelemetry/auto-instrumentations-node',
    ...preloaded('--require', () => require.resolve('@opentelemetry/auto-instrumentations-node/register')),
  },
];

/** A hundred requests, each for another target of the service behind, at two hosts: what is kept of one target wins little. */
export function pathOf(index: number): string {
  return `/activities/user-${index % 100}?limit=20`;
}

/** All that `--only` chooses from. */
export const ALL_VARIANTS: readonly Variant[] = [
  ...VARIANTS,
  { name: '@tandem/telemetry, lifecycle spans', ...ours({ TRACE_FASTIFY_LIFECYCLE: 'true' }) },
  ...SWAPS,
];
