import t from 'tap';
import type { LogEntry } from '../../../../../src/logs/read-logs.ts';
import type { TraceLog } from '../../../../../src/page/views/trace/logs/trace-logs.ts';
import {
  filterLogs,
  logMarks,
  placeAlone,
  placeLogs,
} from '../../../../../src/page/views/trace/logs/trace-logs.ts';
import type { TraceModel } from '../../../../../src/page/views/trace/model/trace-model.ts';

const START = 1_790_000_000_000_000_000n;
const ids = ['a'.repeat(16), 'b'.repeat(16)];
/** Two spans; the clock of the second was put 5 ms back. */
const model = {
  start: START,
  count: 2,
  spanId: (place: number) => ids[place] ?? '',
  placeOf: (ref: string) => ids.indexOf(ref),
  shift: (place: number) => (place === 1 ? -5e6 : 0),
} as unknown as TraceModel;

function entry(id: number, ms: number, more: Partial<LogEntry> = {}): LogEntry {
  return {
    id: String(id),
    time: '',
    time_ns: String(START + BigInt(ms * 1e6)),
    service: 'api',
    severity: 'info',
    severity_code: 9,
    attributes: {},
    ...more,
  };
}

t.test('lines stand at their spans, on the clock that these are shown on', (t) => {
  const entries = [
    entry(1, 1, { span_id: ids[0] ?? '' }),
    entry(2, 20, { span_id: ids[1] ?? '' }),
    entry(3, 17),
    entry(4, 18, { span_id: 'c'.repeat(16) }),
  ];
  const logs = placeLogs(model, { entries, more: false });
  t.same(
    logs.lines.map(({ entry, place, offset }) => [entry.id, place, offset / 1e6]),
    [
      ['1', 0, 1],
      ['2', 1, 15],
      ['3', -1, 17],
      ['4', -1, 18],
    ],
  );
  t.equal(logs.late, 1, 'a line of no span is not late');
  t.same([...logs.byPlace.keys()], [0, 1]);
  const asSent = placeLogs(model, { entries, more: false }, { asSent: true });
  t.equal(asSent.lines.find(({ entry }) => entry.id === '2')?.offset, 20e6);
  t.same(
    placeAlone(entries).map(({ offset }) => offset / 1e6),
    [0, 19, 16, 17],
  );
  t.end();
});

t.test('lines of many spans find theirs too', (t) => {
  const many = Array.from({ length: 200 }, (_, i) => i.toString(16).padStart(16, '0'));
  const large = {
    ...model,
    count: 200,
    spanId: (place: number) => many[place] ?? '',
    placeOf: () => t.fail('one by one'),
    shift: () => 0,
  } as unknown as TraceModel;
  const entries = many.map((span_id, i) => entry(i, i, { span_id }));
  const { lines } = placeLogs(large, { entries, more: false });
  t.ok(lines.every(({ place, entry }) => String(place) === entry.id));
  t.end();
});

t.test('marks that would lie on each other are one, with their number and the worst level', (t) => {
  const line = (ms: number, kind: TraceLog['kind']): TraceLog => ({
    entry: entry(ms, ms),
    kind,
    place: 0,
    offset: ms * 1e6,
  });
  const lines = [
    line(0, 'info'),
    line(1, 'plain'),
    line(2, 'error'),
    line(3, 'warn'),
    line(50, 'warn'),
    line(200, 'info'),
  ];
  const marks = logMarks(lines, [0, 100e6], 1000);
  t.same(
    marks.map(({ left, count, line: { kind } }) => [left, count, kind]),
    [
      [0, 3, 'error'],
      [3, 1, 'warn'],
      [50, 1, 'warn'],
    ],
    'what is outside of the time line has none',
  );
  t.equal(logMarks(lines.slice(0, 4), [0, 10e6], 1000).length, 4, 'zoomed in each has its own');
  t.end();
});

t.test('lines are filtered by level, and by text wherever it stands', (t) => {
  const lines = placeAlone([
    entry(1, 0, { body: 'Payment refused', severity_code: 17, severity: 'error' }),
    entry(2, 1, { body: 'ok', attributes: { user: 'Ada' } }),
    entry(3, 2, { body: 'no level', severity_code: 0, severity: 'unspecified' }),
    entry(4, 3, { body: 'by its text', severity_code: 0, severity: 'error', severity_text: 'ERR' }),
  ]);
  const idsOf = (found: readonly TraceLog[]) => found.map(({ entry }) => entry.id);
  t.same(idsOf(filterLogs(lines, {})), ['1', '2', '3', '4']);
  t.same(idsOf(filterLogs(lines, { least: 9 })), ['1', '2', '4']);
  t.same(idsOf(filterLogs(lines, { least: 21 })), []);
  t.same(idsOf(filterLogs(lines, { text: 'PAYMENT' })), ['1']);
  t.same(idsOf(filterLogs(lines, { text: 'ada' })), ['2']);
  t.end();
});
