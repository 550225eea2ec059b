import type { Launch } from '../lib/measured-service.ts';

/** A way to export pino's lines. */
export interface Variant {
  readonly name: string;
  /** Whether it sends anything. */
  readonly isExporting: boolean;
  /** How to start the service, when the sink listens on this port and files may be kept in that directory. */
  launch(sinkPort: number, directory: string): Launch;
}

/** The variants to compare with: `added` is over the first one; the second one shows the noise. */
export const BASE = 'pino to standard output';
const NULL_CHECK = 'pino to standard output again (null check)';
export const OURS = '@tandem/telemetry';
export const PEERS = [
  '@opentelemetry/instrumentation-pino + sdk-logs + exporter-logs-otlp-proto',
  'pino-opentelemetry-transport (a worker thread)',
] as const;

export const ALL_VARIANTS: readonly Variant[] = [
  variant(BASE, './variants/plain.ts', false),
  variant(NULL_CHECK, './variants/plain.ts', false),
  variant(OURS, './variants/ours.ts'),
  variant(PEERS[0], './variants/instrumentation-pino.ts'),
  variant(PEERS[1], './variants/transport.ts'),
];

function variant(name: string, module: string, isExporting = true): Variant {
  const loaded = import.meta.resolve(module);
  return {
    name,
    isExporting,
    launch: (port, directory) => ({
      nodeArguments: ['--import', loaded],
      environment: {
        OTEL_SERVICE_NAME: 'logs',
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        DATA_DIR: directory,
      },
    }),
  };
}
