import { join } from 'node:path';
import { withSpread } from '../../tools/statistics.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { versionOf } from '../lib/peer-version.ts';
import { BATCHES } from './batches.ts';
import type { Work } from './works.ts';
import { SIDES, worksOf } from './works.ts';

const ROUNDS = 40;
/** Rounds until the code is compiled and its caches are filled; they are not counted. */
const WARM_UP = 10;
/** Processor time of one slice: long enough for the clock, short enough for many turns. */
const SLICE_MS = 20;

const PACKAGES = ['protobufjs', '@opentelemetry/otlp-transformer'];
const WORKSPACE = join(import.meta.dirname, '../..');

/** Encoding and decoding OTLP, beside protobufjs and the official serializer, in one process. */
export default async function otlp(): Promise<void> {
  const tables = Object.entries(BATCHES).map(([name, make]) => {
    const spans = make();
    return measure(name, worksOf(spans), spans.length);
  });
  for (const table of tables) console.table(table);
  recordMeasurements({
    name: 'otlp',
    title: 'OTLP: encoding and decoding',
    command: 'node tandem bench otlp',
    tables,
    notes: [
      `µs of processor time per span, garbage collection included: median (P10 … P90) of ${ROUNDS} slices of ${SLICE_MS} ms, all sides in turn.`,
      'A usual span has 12 attributes; one of 10 KB has a long statement, a list of 40 texts and an exception with its stack.',
      'protobufjs writes ProtoJSON, with ids in base64; OTLP has them in hex, so its text cannot be sent as it is.',
      'Ours and protobufjs write messages that are in memory already; the official serializer writes spans of the SDK, in JSON too.',
    ],
    versions: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(WORKSPACE, name)])),
  });
}

/** One row per work, one column per side. */
function measure(batch: string, works: readonly Work[], spans: number): Row[] {
  const slices = works.flatMap(({ by }) =>
    Object.values(by).map((run) => ({ run, times: [] as number[], repeats: 1 })),
  );
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    // Each is first, and last, as often as the others.
    const first = (round + WARM_UP) % slices.length;
    for (const slice of [...slices.slice(first), ...slices.slice(0, first)]) {
      const microseconds = cpuTime(slice.run, slice.repeats);
      if (round >= 0) slice.times.push(microseconds / slice.repeats / spans);
      else slice.repeats = Math.ceil((slice.repeats * SLICE_MS * 1000) / Math.max(microseconds, 1));
    }
  }
  return works.map(({ name, by }) => {
    const columns = SIDES.map((side) => [side, cell(slices.find(({ run }) => run === by[side])?.times)]);
    return { [batch]: name, ...Object.fromEntries(columns) };
  });
}

function cell(times: readonly number[] | undefined): string {
  return times === undefined ? '–' : withSpread(times, 2);
}

/** Microseconds of processor time, of all threads. */
function cpuTime(run: () => unknown, repeats: number): number {
  const before = process.cpuUsage();
  for (let repeat = 0; repeat < repeats; repeat++) run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
