import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSettings, startTelemetry } from '@tandem/telemetry';
import { autoInstrumentation } from '@tandem/telemetry/any-process';
import { withSpan } from '../../packages/telemetry/src/api/with-span.ts';
import { codeLineProcessor } from '../../packages/telemetry/src/lines/line-processor.ts';
import type { SpanProcessor } from '../../packages/telemetry/src/sdk/engine.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { median, withSpread } from '../lib/statistics.ts';
import { ANSWER } from './answer.ts';

/** Slices with lines, and as many without, in turn. The first ones are left out. */
const ROUNDS = 250;
const WARM_UP = 30;
const CALLS_PER_SLICE = 60;
/** Equal calls of one request. */
const CALLS = [1, 12] as const;

/** Measures what finding the line of code adds to a traced fetch: `node tandem bench lines`. */
export default async function measureLines(): Promise<void> {
  const server = fork(fileURLToPath(import.meta.resolve('./answering.ts')));
  const [{ port }] = await once(server, 'message');
  const folder = mkdtempSync(join(tmpdir(), 'lines-'));
  let isOn = false;
  const lines = codeLineProcessor(process.cwd());
  const switched: SpanProcessor = {
    onStart: (...started) => isOn && lines.onStart(...started),
    onEnd: (span) => isOn && lines.onEnd(span),
    async forceFlush() {},
    async shutdown() {},
  };
  const telemetry = startTelemetry({
    settings: readSettings({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_LOG_LEVEL: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      DATA_DIR: folder,
    }),
    instrumentations: [autoInstrumentation()],
    spanProcessors: [switched],
  });

  const own = createServer((_, response) => response.end(ANSWER)).listen(0, '127.0.0.1');
  await once(own, 'listening');
  const servers = { 'of another process': port, 'of its own': (own.address() as AddressInfo).port };

  async function slice(port: number, calls: number, withLines: boolean): Promise<number> {
    isOn = withLines;
    const before = process.cpuUsage();
    for (let done = 0; done < CALLS_PER_SLICE; done += calls)
      await withSpan('request', {}, async () => {
        for (let id = 0; id < calls; id++) await (await fetch(`http://127.0.0.1:${port}/users/${id}`)).json();
      });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / CALLS_PER_SLICE;
  }

  const rows = [];
  for (const [asked, port] of Object.entries(servers))
    for (const calls of CALLS) {
      const [without, added]: [number[], number[]] = [[], []];
      for (let round = 0; round < WARM_UP + ROUNDS; round++) {
        const times = new Map<boolean, number>();
        for (const withLines of round % 2 === 0 ? [false, true] : [true, false])
          times.set(withLines, await slice(port, calls, withLines));
        const [off = Number.NaN, on = Number.NaN] = [times.get(false), times.get(true)];
        if (round < WARM_UP) continue;
        without.push(off);
        added.push((100 * (on - off)) / off);
      }
      rows.push({
        'server that is asked': asked,
        'equal calls of a request': calls,
        'µs per fetch without lines': Number(median(without).toFixed(1)),
        'added by lines, %': withSpread(added, 1),
      });
    }
  console.table(rows);
  recordMeasurements({
    name: 'lines',
    title: 'Lines of code: what finding them adds to a fetch',
    command: 'node tandem bench lines',
    tables: [rows],
    notes: [
      `Processor time of a process whose fetch is traced, with the export of its spans. Where it asks a server of its own, the time has that server's part and its span, too. ${ROUNDS} slices of ${CALLS_PER_SLICE} calls with lines, and as many without, in turn; the median of the differences between neighbours, and in brackets the tenth and ninetieth percentile.`,
      'After three equal lines of one operation below one span, the next calls take the line over.',
    ],
  });
  server.kill();
  own.closeAllConnections();
  own.close();
  await telemetry.shutdown();
  rmSync(folder, { recursive: true, force: true });
}
