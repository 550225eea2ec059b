import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { undiciChannels } from '@tandem/telemetry/any-process';
import { withSpan } from '../../packages/telemetry/src/api/with-span.ts';
import { codeLineProcessor } from '../../packages/telemetry/src/lines/line-processor.ts';
import type { SpanProcessor } from '../../packages/telemetry/src/sdk/engine.ts';
import { createTestTelemetry } from '../../packages/telemetry/src/testing/test-telemetry.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { median, withSpread } from '../lib/statistics.ts';

/** Slices with lines, and as many without, in turn. One slice of each is left out. */
const ROUNDS = 60;
const CALLS_PER_SLICE = 600;
/** Equal calls of one request. */
const CALLS = [1, 12] as const;

/** Measures what finding the line of code adds to a traced fetch: `node tandem bench lines`. */
export default async function measureLines(): Promise<void> {
  let isOn = false;
  const lines = codeLineProcessor(process.cwd());
  const processor: SpanProcessor = {
    onStart: (...started) => isOn && lines.onStart(...started),
    onEnd: (span) => isOn && lines.onEnd(span),
    async forceFlush() {},
    async shutdown() {},
  };
  const telemetry = createTestTelemetry({ spanProcessors: [processor] });
  undiciChannels()();
  const server = new Worker(new URL('./answering-thread.ts', import.meta.url));
  const [port] = await once(server, 'message');

  async function slice(calls: number, withLines: boolean): Promise<number> {
    isOn = withLines;
    const { user, system } = process.threadCpuUsage();
    for (let done = 0; done < CALLS_PER_SLICE; done += calls)
      await withSpan('request', {}, async () => {
        for (let id = 0; id < calls; id++) await (await fetch(`http://127.0.0.1:${port}/users/${id}`)).text();
      });
    const after = process.threadCpuUsage();
    telemetry.reset();
    return (after.user - user + after.system - system) / CALLS_PER_SLICE;
  }

  const rows = [];
  for (const calls of CALLS) {
    const added: number[] = [];
    const without: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const order = round % 2 === 0 ? [false, true] : [true, false];
      const times = new Map<boolean, number>();
      for (const withLines of order) times.set(withLines, await slice(calls, withLines));
      const [off = Number.NaN, on = Number.NaN] = [times.get(false), times.get(true)];
      if (round === 0) continue;
      without.push(off);
      added.push((100 * (on - off)) / off);
    }
    rows.push({
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
      `Processor time of the main thread, where fetch is traced into memory; the server is another thread. ${ROUNDS} slices of ${CALLS_PER_SLICE} calls with lines, and as many without, in turn; the median of the differences between neighbours, and in brackets the tenth and ninetieth percentile.`,
      'After three equal lines of one operation below one span, the next calls take the line over.',
    ],
  });
  await server.terminate();
  await telemetry.shutdown();
}
