import t from 'tap';
import type { LogEntry } from '../../../../src/core/logs/schemas.ts';
import { readStack } from '../../../../src/core/traces/model/stack-frames.ts';
import type { TraceModel } from '../../../../src/core/traces/model/trace-model.ts';
import { prettyValue } from '../../../../src/page/values/pretty-value.ts';
import { requestCommand } from '../../../../src/parts/trace/page/header/request-command.ts';
import { EDITORS, sourceOf } from '../../../../src/parts/trace/page/panel/source-of.ts';
import { formatMark, middleOf, scaled, timeMarks } from '../../../../src/parts/trace/page/state/geometry.ts';
import type { TraceLog } from '../../../../src/parts/trace/page/state/trace-logs.ts';
import { filterLogs, logMarks, placeLogs } from '../../../../src/parts/trace/page/state/trace-logs.ts';
import { durationScale } from '../../../../src/parts/traces/page/duration-scale.ts';

t.test('zooming keeps to the middle, or goes to a moment, and stays within the whole', async (t) => {
  const full = [0, 100_000] as const;
  t.same(scaled(full, full, 0.5), [25_000, 75_000]);
  t.same(scaled(full, full, 0.5, 90_000), [50_000, 100_000]);
  t.same(scaled([50_000, 100_000], full, 2), full);
  t.same(scaled([0, 1000], full, 0.5), [0, 1000], 'not below a microsecond');
});

t.test('zoom goes to the visible part of the selected span', async (t) => {
  t.equal(middleOf(0, 100, [60, 80]), 70, 'a span that is longer than what is shown');
  t.equal(middleOf(10, 20, [60, 80]), 15, 'one that is not shown');
});

t.test('one long trace does not make all others too short to see; a cut bar is marked', (t) => {
  const usual = Array.from({ length: 40 }, (_, i) => 60 + i);
  t.strictSame(durationScale([...usual, 4800]), { full: 100, cut: true });
  t.strictSame(
    durationScale([...usual, 180]),
    { full: 200, cut: false },
    'the longest, when it is not far beyond',
  );
  t.strictSame(durationScale([0.4, 0.31]), { full: 0.4, cut: false });
  t.strictSame(durationScale([12]), { full: 15, cut: false });
  t.ok(durationScale([]).full > 0);
  t.ok(durationScale([0, 0]).full > 0);
  t.end();
});

const START = 1_790_000_000_000_000_000n;
const ids = ['a'.repeat(16), 'b'.repeat(16)];
/** Two spans; the clock of the second was put 5 ms back. */
const model = {
  start: START,
  count: 2,
  spanId: (index: number) => ids[index] ?? '',
  indexOf: (ref: string) => ids.indexOf(ref),
  shift: (index: number) => (index === 1 ? -5e6 : 0),
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
    logs.lines.map(({ entry, index, offset }) => [entry.id, index, offset / 1e6]),
    [
      ['1', 0, 1],
      ['2', 1, 15],
      ['3', -1, 17],
      ['4', -1, 18],
    ],
  );
  t.equal(logs.late, 1, 'a line of no span is not late');
  t.same([...logs.byIndex.keys()], [0, 1]);
  const asSent = placeLogs(model, { entries, more: false }, { asSent: true });
  t.equal(asSent.lines.find(({ entry }) => entry.id === '2')?.offset, 20e6);
  t.end();
});

t.test('lines of many spans find theirs too', (t) => {
  const many = Array.from({ length: 200 }, (_, i) => i.toString(16).padStart(16, '0'));
  const large = {
    ...model,
    count: 200,
    spanId: (index: number) => many[index] ?? '',
    indexOf: () => t.fail('one by one'),
    shift: () => 0,
  } as unknown as TraceModel;
  const entries = many.map((span_id, i) => entry(i, i, { span_id }));
  const { lines } = placeLogs(large, { entries, more: false });
  t.ok(lines.every(({ index, entry }) => String(index) === entry.id));
  t.end();
});

t.test('marks that would lie on each other are one, with their number and the worst level', (t) => {
  const line = (ms: number, kind: TraceLog['kind']): TraceLog => ({
    entry: entry(ms, ms),
    kind,
    index: 0,
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
  const entries = [
    entry(1, 0, { body: 'Payment refused', severity_code: 17, severity: 'error' }),
    entry(2, 1, { body: 'ok', attributes: { user: 'Ada' } }),
    entry(3, 2, { body: 'no level', severity_code: 0, severity: 'unspecified' }),
    entry(4, 3, { body: 'by its text', severity_code: 0, severity: 'error', severity_text: 'ERR' }),
  ];
  const { lines } = placeLogs(model, { entries, more: false });
  const idsOf = (found: readonly TraceLog[]) => found.map(({ entry }) => entry.id);
  t.same(idsOf(filterLogs(lines, undefined, '')), ['1', '2', '3', '4']);
  t.same(idsOf(filterLogs(lines, 'info', '')), ['1', '2', '4']);
  t.same(idsOf(filterLogs(lines, 'fatal', '')), []);
  t.same(idsOf(filterLogs(lines, undefined, 'PAYMENT')), ['1']);
  t.same(idsOf(filterLogs(lines, undefined, 'ada')), ['2']);
  t.end();
});

t.test('JSON and SQL get lines; quoted and other text stays', async (t) => {
  t.equal(prettyValue('app.flags', '{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}');
  t.equal(prettyValue('app.flags', '[not json'), '[not json');
  t.equal(
    prettyValue(
      'db.query.text',
      "select a from t left join u on t.id = u.id where b = ' from x ' and c = ? limit 1",
    ),
    "select a\nfrom t\nleft join u on t.id = u.id\nwhere b = ' from x '\n  and c = ?\nlimit 1",
  );
  t.equal(prettyValue('app.text', 'select a from b'), 'select a from b');
});

t.test("a stack's own frames come before those of libraries", async (t) => {
  const node = readStack(
    'TypeError: no\n    at Pool.get (/app/node_modules/pg/index.js:3:1)\n    at find (/app/src/find.ts:2:5)\n    at node:internal/process/task_queues:105:5',
  );
  t.equal(node.head, 'TypeError: no');
  t.same(node.own, ['    at find (/app/src/find.ts:2:5)']);
  t.equal(node.library.length, 2);
  const python = readStack(
    'Traceback (most recent call last):\n  File "/app/views.py", line 3, in view\n    run()\n  File "/usr/lib/python3/site-packages/x.py", line 1, in run\n    raise\nValueError: no',
  );
  t.same(python.own, ['  File "/app/views.py", line 3, in view\n    run()']);
  t.match(python.head, /Traceback.*ValueError: no/s);
});

t.test('a request as a command: quoted for a shell, whatever a span holds', async (t) => {
  const fields = { 'http.request.method': 'GET', 'url.full': "http://a/'$(id)'\n" };
  t.equal(
    requestCommand(fields, '00-1-2-03'),
    `curl -i -H 'traceparent: 00-1-2-03' 'http://a/'\\''$(id)'\\'' '`,
  );
  const server = {
    'http.request.method': 'POST',
    'url.scheme': 'https',
    'server.address': 'shop',
    'server.port': 8443,
    'url.path': '/buy',
    'url.query': 'a=1',
  };
  t.equal(requestCommand(server, 'x'), "curl -i -X POST -H 'traceparent: x' 'https://shop:8443/buy?a=1'");
  t.equal(requestCommand({ name: 'SELECT' }, 'x'), undefined);
});

t.test('round times and an end', async (t) => {
  const { marks, step } = timeMarks([0, 46e6], 400);
  t.same(
    marks.map(({ at }) => formatMark(at, 46e6)),
    ['0 ms', '10 ms', '20 ms', '30 ms'],
  );
  t.equal(step, 10e6);
  t.equal(formatMark(2.5e9, 4e9), '2.5 s');
  const hours = timeMarks([0, 2.4 * 3600e9], 600).marks.map(({ at }) => formatMark(at, 2.4 * 3600e9));
  t.same(hours, ['0 s', '30 min', '1 h', '1 h 30 min'], 'of a long trace in minutes and hours');
  const minutes = timeMarks([50e9, 170e9], 600).marks.map(({ at }) => formatMark(at, 170e9));
  t.same(minutes, ['1 min', '1 min 30 s', '2 min']);
  t.equal(formatMark(3601.25e9, 3602e9), '1 h 1.25 s');
  t.same(
    timeMarks([0, 1], 400).marks.map(({ at }) => at),
    [0],
    'no part of a nanosecond, as no span has one',
  );
});

t.test('a span’s source is a link to its line in VS Code', async (t) => {
  t.same(
    sourceOf({
      'code.file.path': '/work/a service/src/app.ts',
      'code.line.number': 42,
      'code.column.number': 7,
      'code.function.name': 'listUsers',
    }),
    { text: 'src/app.ts:42', name: 'listUsers', href: 'vscode://file/work/a%20service/src/app.ts:42:7' },
  );
  t.match(sourceOf({ 'code.filepath': 'file:///srv/x.py', 'code.lineno': '3' }), {
    href: 'vscode://file/srv/x.py:3',
  });
  t.match(sourceOf({ 'code.file.path': 'C:\\app\\Main.cs', 'code.line.number': 1 }), {
    text: 'app/Main.cs:1',
    href: 'vscode://file/C:/app/Main.cs:1',
  });
});

t.test('each editor gets the link that it takes', async (t) => {
  const fields = { 'code.file.path': '/srv/a b.ts', 'code.line.number': 3, 'code.column.number': 5 };
  t.same(
    EDITORS.map((editor) => sourceOf(fields, editor)?.href),
    [
      'vscode://file/srv/a%20b.ts:3:5',
      'cursor://file/srv/a%20b.ts:3:5',
      'zed://file/srv/a%20b.ts:3:5',
      'webstorm://open?file=/srv/a%20b.ts&line=3&column=5',
    ],
  );
  const [, , , webstorm] = EDITORS;
  t.match(sourceOf({ 'code.file.path': '/srv/b.ts' }, webstorm), { href: 'webstorm://open?file=/srv/b.ts' });
});

t.test('a relative path is a link from the folder of its run', async (t) => {
  const fields = { 'code.file.path': 'src/orders.js', 'code.line.number': 31 };
  t.same(sourceOf(fields, undefined, '/work/a shop'), {
    text: 'src/orders.js:31',
    href: 'vscode://file/work/a%20shop/src/orders.js:31',
  });
  t.match(sourceOf({ 'code.file.path': '../lib/a.js' }, undefined, '/work/shop'), {
    text: '../lib/a.js',
    href: 'vscode://file/work/lib/a.js',
  });
  t.match(sourceOf(fields, undefined, 'C:\\work'), { href: 'vscode://file/C:/work/src/orders.js:31' });
  t.equal(sourceOf({ 'code.file.path': '\\\\evil.example\\a.js' }, undefined, '/work')?.href, undefined);
  t.match(sourceOf({ 'code.file.path': 'dist/b.js', 'code.line.number': 1, 'code.column.number': 5230 }), {
    text: 'dist/b.js:1:5230',
  });
});

t.test('a relative path is no link, nonsense no line, and no path nothing', async (t) => {
  t.same(sourceOf({ 'code.file.path': 'app/views.py', 'code.line.number': 'x' }), { text: 'app/views.py' });
  t.match(sourceOf({ 'code.file.path': '/a?b#c', 'code.line.number': -1 }), {
    href: 'vscode://file/a%3Fb%23c',
  });
  t.equal(sourceOf({ 'code.function.name': 'f' }), undefined);
  t.equal(sourceOf({ 'code.file.path': '' }), undefined);
  for (const path of [
    '\\\\evil.example\\share\\a.ts',
    '//evil.example/share/a.ts',
    'file:////evil.example/share/a.ts',
    '/.//evil.example/share/a.ts',
    '\\??\\UNC\\evil.example\\share\\a.ts',
    '\\\\?\\UNC\\evil.example\\share\\a.ts',
  ])
    for (const editor of EDITORS)
      t.same(
        sourceOf({ 'code.file.path': path }, editor),
        { text: 'share/a.ts' },
        `${path} is on another machine`,
      );
});
