import { fileURLToPath } from 'node:url';
import type { Startable } from '../lib/in-turn/side-by-side.ts';
import { startMeasured } from '../lib/measured-service.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./service.ts'));

/** The variants to compare with: `added` is over the first one; the second one shows the noise. */
export const BASE = 'pino to standard output';
const NULL_CHECK = 'pino to standard output again (null check)';
export const OURS = '@tandem/telemetry';
/** Makes a span of each request, as OURS does and no peer does, and exports no line. */
export const OURS_BASE = '@tandem/telemetry without log records';
export const PEERS = [
  '@opentelemetry/instrumentation-pino + sdk-logs + exporter-logs-otlp-proto',
  'pino-opentelemetry-transport (a worker thread)',
] as const;

/** Ways to export pino's lines. */
export const ALL_VARIANTS: readonly Startable[] = [
  variant(BASE, './variants/plain.ts', false),
  variant(NULL_CHECK, './variants/plain.ts', false),
  variant(OURS_BASE, './variants/ours.ts', false),
  variant(OURS, './variants/ours.ts'),
  variant(PEERS[0], './variants/instrumentation-pino.ts'),
  variant(PEERS[1], './variants/transport.ts'),
];

function variant(name: string, module: string, isExporting = true): Startable {
  const nodeArguments = ['--import', import.meta.resolve(module)];
  return {
    name,
    ...(isExporting && { protocol: 'otlp-logs' as const }),
    start(port, directory) {
      const environment = {
        OTEL_SERVICE_NAME: 'logs',
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: isExporting ? 'otlp' : 'none',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        DATA_DIR: directory,
      };
      return startMeasured({ nodeArguments, environment }, { path: SERVICE, output: 'nowhere' });
    },
  };
}
