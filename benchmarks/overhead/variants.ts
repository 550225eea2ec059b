import { createRequire } from 'node:module';
import type { Launch } from '../lib/measured-service.ts';
import { YOUNG_ALLOCATIONS } from '../lib/node-options.ts';
import { registerOfSdk3 } from './sdk-3/textbook.ts';
import type { Protocol } from './sink.ts';

/** A way to trace the two services. */
export interface Variant {
  readonly name: string;
  /** The protocol of its tracer; none when the variant sends nothing. */
  readonly protocol?: Protocol;
  /** The package with the tracer's version; relative to the folder of the peers. */
  readonly versionOf?: string;
  /** How to start a service of this name whose sink listens on this port; what the tracer writes goes to the directory. */
  launch(serviceName: string, sinkPort: number, directory: string): Launch;
}

const require = createRequire(import.meta.url);

/** Not asked for anything outside of the machine: cloud metadata would be. */
const OTEL = {
  OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
};

/** @param module URL of what is loaded before the service */
function otel(module: string): Pick<Variant, 'protocol' | 'launch'> {
  return {
    protocol: 'otlp',
    launch: (serviceName, port) => ({
      nodeArguments: ['--import', module],
      environment: { ...OTEL, ...otlpTo(serviceName, port) },
    }),
  };
}

/** @param module URL of what loads it */
function ours(
  environment: Record<string, string> = {},
  module = import.meta.resolve('./ours.ts'),
): Pick<Variant, 'protocol' | 'launch'> {
  return {
    protocol: 'otlp',
    launch: (serviceName, port, directory) => ({
      nodeArguments: ['--import', module],
      environment: { ...otlpTo(serviceName, port), DATA_DIR: directory, LOG_LEVEL: 'warn', ...environment },
    }),
  };
}

/** @param findRegister path of what is loaded before the service; asked for once the peers are installed */
function textbook(findRegister: () => string): Pick<Variant, 'protocol' | 'launch'> {
  return {
    protocol: 'otlp',
    launch: (serviceName, port) => ({
      nodeArguments: ['--require', findRegister()],
      environment: { ...OTEL, ...otlpTo(serviceName, port) },
    }),
  };
}

function otlpTo(serviceName: string, port: number): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: serviceName,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  };
}

const untraced = { launch: () => ({ nodeArguments: [], environment: {} }) };

/** The variant with new objects in V8's young generation, which shows the gain by this option. */
function young(variant: Variant): Variant {
  return {
    ...variant,
    name: nameOfYoung(variant.name),
    launch: (...args) => {
      const { nodeArguments, environment } = variant.launch(...args);
      return { nodeArguments: [YOUNG_ALLOCATIONS, ...nodeArguments], environment };
    },
  };
}

export function nameOfYoung(name: string): string {
  return `${name}, ${YOUNG_ALLOCATIONS}`;
}

/** The variants to compare with: `added` is over the first one; the second one shows the noise. */
export const BASE = 'untraced';
export const NULL_CHECK = 'untraced again (null check)';
export const OURS = '@tandem/telemetry';
/** As the services of this workspace start. */
export const OURS_YOUNG = nameOfYoung(OURS);
export const OURS_LEAN = '@tandem/telemetry, lean engine';
export const OURS_3 = '@tandem/telemetry beside SDK 3';
export const OURS_UNSAMPLED = '@tandem/telemetry, unsampled';
export const FASTIFY_OTEL = '@fastify/otel + instrumentation-undici';
export const PLAIN = 'plain plugin + instrumentation-undici, SDK 2';
export const TEXTBOOK = 'textbook auto-instrumentation, SDK 2';
export const TEXTBOOK_3 = 'textbook auto-instrumentation, SDK 3';

const plain: Variant = {
  name: PLAIN,
  versionOf: '@opentelemetry/sdk-trace-node',
  ...otel(import.meta.resolve('./variants/plain-sdk-2.ts')),
};
const textbook2: Variant = {
  name: TEXTBOOK,
  versionOf: '@opentelemetry/auto-instrumentations-node',
  ...textbook(() => require.resolve('@opentelemetry/auto-instrumentations-node/register')),
};

export const ALL_VARIANTS: readonly Variant[] = [
  { name: BASE, ...untraced },
  { name: NULL_CHECK, ...untraced },
  young({ name: BASE, ...untraced }),
  { name: OURS, ...ours() },
  { name: OURS_3, ...ours({}, import.meta.resolve('./sdk-3/ours.ts')) },
  { name: OURS_UNSAMPLED, ...ours({ OTEL_TRACES_SAMPLER: 'always_off' }) },
  {
    name: '@tandem/telemetry, with traceresponse and Server-Timing',
    ...ours({ OVERHEAD_RESPONSE_HEADERS: 'true' }),
  },
  { name: OURS_LEAN, ...ours({ TRACE_LEAN: 'true' }) },
  { name: '@tandem/telemetry, lifecycle spans', ...ours({ TRACE_FASTIFY_LIFECYCLE: 'true' }) },
  young({ name: OURS, ...ours() }),
  plain,
  young(plain),
  {
    name: 'plain plugin + instrumentation-undici, SDK 3',
    versionOf: 'sdk-3/node_modules/@opentelemetry/sdk-trace',
    ...otel(import.meta.resolve('./sdk-3/plain.ts')),
  },
  {
    name: FASTIFY_OTEL,
    versionOf: '@fastify/otel',
    ...otel(import.meta.resolve('./variants/fastify-otel.ts')),
  },
  textbook2,
  young(textbook2),
  {
    name: TEXTBOOK_3,
    versionOf: 'sdk-3/node_modules/@opentelemetry/auto-instrumentations-node',
    ...textbook(registerOfSdk3),
  },
  {
    name: 'http + undici + fastify instrumentations',
    versionOf: '@opentelemetry/sdk-node',
    ...otel(import.meta.resolve('./variants/three-instrumentations.ts')),
  },
];
