import { fileURLToPath } from 'node:url';
import { median } from '../../scripts/lib/statistics.ts';
import type { Startable } from '../lib/in-turn/side-by-side.ts';
import { measureSideBySide } from '../lib/in-turn/side-by-side.ts';
import { installFolder } from '../lib/install-folder.ts';
import { installTelemetry } from '../lib/install-telemetry.ts';
import { startMeasured } from '../lib/measured-service.ts';
import { figureRows, recordMeasurements } from '../lib/measurements.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./service.ts'));
const PLAN = {
  warmUpRequests: 30_000,
  rounds: 10,
  requestsPerSlice: 4_000,
};
/** What is loaded into the service, by variant. */
const LOADED: Readonly<Record<string, readonly string[]>> = {
  untraced: [],
  '@tandem/telemetry': ['--import', '@tandem/telemetry/register'],
  'instrumentation-http and -express': [
    '--import',
    fileURLToPath(import.meta.resolve('./instrumentations.ts')),
  ],
};

/** Measures what tracing adds to a request of Express: `node tandem bench express`. */
export default async function express(): Promise<void> {
  installFolder(import.meta.dirname);
  await installTelemetry(import.meta.dirname);
  const variants = Object.entries(LOADED).map(([name, nodeArguments]) => variant(name, nodeArguments));
  const pathOf = (index: number) => `/users/user-${index % 5_000}`;
  const figures = await measureSideBySide(variants, PLAN, pathOf, console.log);
  const cpuOf = (name: string) => figures.get(name)?.cpuPerRequest ?? [];
  // In the same round: the machine is not as fast in all of them.
  const addedBy = (name: string) =>
    median(cpuOf(name).map((cpu, round) => cpu - (cpuOf('untraced')[round] ?? Number.NaN)));
  const [, ours = '', theirs = ''] = Object.keys(LOADED);
  const rows = figureRows({
    'untraced: CPU per request, µs': median(cpuOf('untraced')),
    [`${ours} adds, µs`]: addedBy(ours),
    [`${theirs} add, µs`]: addedBy(theirs),
    'share of theirs (at most 0.5)': addedBy(ours) / addedBy(theirs),
    [`${ours}: spans per request`]: figures.get(ours)?.itemsPerRequest ?? 0,
    [`${theirs}: spans per request`]: figures.get(theirs)?.itemsPerRequest ?? 0,
  });
  console.table(rows);
  recordMeasurements({
    name: 'express',
    title: 'Express: what tracing adds to a request',
    command: 'node tandem bench express',
    tables: [rows],
    notes: [
      `Express 5.3 with express.json() and a mounted router, in turn: ${PLAN.rounds} slices of ${PLAN.requestsPerSlice} requests. CPU of the process with its exports; medians. The instrumentations as they are by default: a span of each middleware too. Not below /api/, where telemetry adds response headers: no other tracer sends any.`,
    ],
  });
}

function variant(name: string, nodeArguments: readonly string[]): Startable {
  return {
    name,
    protocol: 'otlp',
    start(port, directory) {
      const environment = {
        NODE_ENV: 'production',
        DATA_DIR: directory,
        LOG_LEVEL: 'silent',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_BSP_MAX_QUEUE_SIZE: '1000000', // none is cheap because it drops
      };
      return startMeasured({ nodeArguments, environment }, { path: SERVICE });
    },
  };
}
