import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeLogs, decodeTraces } from '@tandem/otlp';
import t from 'tap';
import { mapLogs } from '../../../src/core/fields/map-logs.ts';
import { mapSpans } from '../../../src/core/fields/map-spans.ts';
import { datasetName, logsDatasetName, namedDataset } from '../../../src/core/fields/resource.ts';
import { collectRows } from './collect-rows.ts';

type Data = Readonly<Record<string, unknown>>;

/** An event as husky makes it: integers that a double cannot hold as text. */
interface HuskyEvent {
  readonly dataset: string;
  readonly time_ns: string;
  readonly samplerate: number;
  readonly data: Data;
}

/** A request in OTLP JSON, with what of its headers husky reads, and what it made of them. */
interface Recorded {
  readonly about: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly request: object;
  readonly events: readonly HuskyEvent[];
}

/** What husky 0.43.0 answered: `TranslateLogsRequest` and `TranslateTraceRequest`. */
const RECORDED: readonly Recorded[] = readFileSync(join(import.meta.dirname, 'husky-0.43.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

const RECEIVED = 1_800_000_000_000_000_000n;

/** What is another value here, on purpose; undefined for a field that is not there. */
const OURS: Readonly<Record<string, Omit<Partial<HuskyEvent>, 'data'> & { readonly data?: Data }>> = {
  'a body: no value': { data: { body: undefined } },
  'observed, and of no time': { time_ns: '1790000000123456789' },
  'no time at all': { time_ns: String(RECEIVED), data: { 'meta.invalid_time': true } },
  'ids of zeros': { data: noIds() },
  'ids that are too short': { data: noIds() },
  // What a row is, no attribute says, nor where a record belongs that has ids of its own: it is kept beside it.
  'attributes named as what places the record': {
    data: {
      'trace.trace_id': '0af7651916cd43dd8448eb211c80319c',
      'trace.parent_id': 'b7ad6b7169203331',
      'meta.signal_type': 'log',
      'meta.annotation_type': 'span_event',
      'attribute.trace.trace_id': 'x',
      'attribute.trace.parent_id': 'y',
      'attribute.meta.signal_type': 'trace',
      'attribute.meta.annotation_type': 'link',
    },
  },
  'a sample rate: not finite': { samplerate: 1 },
  'sampleRate goes first': { data: { SampleRate: undefined } },
  // husky subtracts without a sign, and has 584 years.
  'an end before the start': { data: { duration_ms: 0, 'meta.invalid_duration': true } },
};

function noIds(): Data {
  return { 'trace.trace_id': undefined, 'trace.parent_id': undefined, 'meta.annotation_type': undefined };
}

function mapped(request: object, headers: Recorded['headers'] = {}): HuskyEvent[] {
  const body = Buffer.from(JSON.stringify(request));
  const events = (dataset: string, map: Parameters<typeof collectRows>[0]) =>
    collectRows(map).map(({ time, sampleRate, fields }) => ({
      dataset,
      time_ns: String(time),
      samplerate: sampleRate,
      data: Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [name, typeof value === 'bigint' ? `${value}` : value]),
      ),
    }));
  if ('resourceLogs' in request) {
    return decodeLogs(body, 'json').scopeLogs.flatMap((group) =>
      events(logsDatasetName(group.resource.attributes, namedDataset('logs', headers)), (sink) =>
        mapLogs(group, RECEIVED, sink),
      ),
    );
  }
  return decodeTraces(body, 'json').scopeSpans.flatMap((group) =>
    events(datasetName(group.resource.attributes, namedDataset('traces', headers)), (sink) =>
      mapSpans(group, RECEIVED, sink),
    ),
  );
}

/** Text that is the same for the same event; JSON without Go's newline at its end. */
function comparable({ data, ...event }: HuskyEvent): string {
  const values = Object.entries(data).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replace(/\n$/, '') : value,
  ]);
  return JSON.stringify({ ...event, data: Object.fromEntries(values.toSorted()) });
}

t.test('log records and spans become the rows that husky makes of them', async (t) => {
  const unused = new Set(Object.keys(OURS));
  for (const { about, headers, request, events } of RECORDED) {
    const { data: changed = {}, ...rest } = OURS[about] ?? {};
    unused.delete(about);
    const expected = events.map((event) => {
      const data = { ...event.data, ...changed };
      const present = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
      return comparable({ ...event, ...rest, data: present });
    });
    t.same(mapped(request, headers).map(comparable).toSorted(), expected.toSorted(), about);
    if (about in OURS) t.notSame(events.map(comparable).toSorted(), expected.toSorted(), `${about}: differs`);
  }
  t.same([...unused], []);
});
