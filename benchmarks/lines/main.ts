import { loadavg } from 'node:os';
import { join } from 'node:path';
import { autoInstrumentation, withSpan } from '@tandem/telemetry';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import { codeLineProcessor } from '../../packages/telemetry/src/features/lines/line-processor.ts';
import type { SpanProcessor } from '../../packages/telemetry/src/road/spans/engine.ts';
import { instrumentationParts } from '../../packages/telemetry/test/instrumentation-parts.ts';
import { median, withSpread } from '../../tools/statistics.ts';
import { startMeasured } from '../lib/measured-service.ts';
import { recordMeasurements } from '../lib/measurements.ts';

/** Slices with lines, and as many without, in turn. The first ones are left out. */
const ROUNDS = 500;
const WARM_UP = 50;
const CALLS_PER_SLICE = 60;
/** Equal calls of one request. */
const CALLS = [1, 12] as const;

/** Measures what finding the line of code adds to a traced fetch: `node tandem bench lines`. */
export default async function measureLines(): Promise<void> {
  const ownFetch = globalThis.fetch;
  const { onStart, onEnd } = codeLineProcessor(process.cwd());
  const notedFetch = globalThis.fetch;
  const rest = { async forceFlush() {}, async shutdown() {} };
  // Replaced, and not called through a function of this file: its frame would be the app's.
  const switched: SpanProcessor = { ...rest, onStart, onEnd };
  const turn = (isOn: boolean) => {
    Object.assign(switched, isOn ? { onStart, onEnd } : { onStart() {}, onEnd() {} });
    globalThis.fetch = isOn ? notedFetch : ownFetch;
  };
  const telemetry = createTestTelemetry({ spanProcessors: [switched] });
  const stop = autoInstrumentation()(instrumentationParts());
  const script = { path: join(import.meta.dirname, 'server.ts') };
  const server = await startMeasured({ nodeArguments: [], environment: {} }, script);

  async function request(calls: number): Promise<void> {
    for (let id = 0; id < calls; id++)
      await (await fetch(`http://127.0.0.1:${server.port}/users?id=${id}`)).text();
  }

  async function slice(calls: number): Promise<number> {
    const before = process.cpuUsage();
    for (let done = 0; done < CALLS_PER_SLICE; done += calls)
      await withSpan('request', {}, () => request(calls));
    const { user, system } = process.cpuUsage(before);
    telemetry.reset();
    return (user + system) / CALLS_PER_SLICE;
  }

  const rows = [];
  for (const calls of CALLS) {
    const [without, added]: [number[], number[]] = [[], []];
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const isOn = round % 2 === 0;
      turn(isOn);
      const first = await slice(calls);
      turn(!isOn);
      const second = await slice(calls);
      const [on, off] = isOn ? [first, second] : [second, first];
      if (round < 0) continue;
      without.push(off);
      added.push((100 * (on - off)) / off);
    }
    rows.push({
      'equal calls of a request': calls,
      'µs per call without lines': Number(median(without).toFixed(1)),
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
      `Processor time of a traced process that calls a server in another one: spans with one fetch below them, or with twelve. ${ROUNDS} slices of ${CALLS_PER_SLICE} calls with lines, and as many without, in turn; the median of the differences between neighbours, and in brackets the tenth and ninetieth percentile.`,
      `The machine's load was ${loadavg()[0]?.toFixed(1)} when it ended.`,
    ],
  });
  stop?.();
  await server.stop();
  await telemetry.shutdown();
}
