import t from 'tap';
import { formatMark, labelSide, timeMarks } from '../../../../../src/page/views/trace/grid/geometry.ts';
import { inkOn } from '../../../../../src/page/views/trace/grid/ink.ts';
import { requestCommand } from '../../../../../src/page/views/trace/header/request-command.ts';
import { prettyValue } from '../../../../../src/page/views/trace/panel/pretty-value.ts';
import { readStack } from '../../../../../src/page/views/trace/panel/stack-frames.ts';

t.test('JSON and SQL get lines, what is quoted and any other text stay', async (t) => {
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
  t.equal(requestCommand(server, 'x'), "curl -i -X 'POST' -H 'traceparent: x' 'https://shop:8443/buy?a=1'");
  t.equal(requestCommand({ name: 'SELECT' }, 'x'), undefined);
});

t.test(
  'round times and an end; labels beside the bar where there is room, else in its contrast',
  async (t) => {
    const { marks, step } = timeMarks([0, 46e6], 400);
    t.same(
      marks.map(({ at }) => formatMark(at, 46e6)),
      ['0 ms', '10 ms', '20 ms', '30 ms'],
    );
    t.equal(step, 10e6);
    t.equal(formatMark(2.5e9, 4e9), '2.5 s');
    t.equal(labelSide({ left: 0, width: 50 }, 60, 400), 'after');
    t.equal(labelSide({ left: 40, width: 58 }, 60, 400), 'before');
    t.equal(labelSide({ left: 2, width: 96 }, 60, 400), 'inside');
    t.equal(labelSide({ left: 50, width: 5 }, 90, 145), 'over', 'neither side, nor the bar, is as long');
    t.same(['#f0e442', '#0072b2', 'none'].map(inkOn), ['#000', '#fff', 'var(--text)']);
  },
);

t.test('times of a long trace are written in minutes and hours', async (t) => {
  const shown = (from: number, to: number, line = 700) =>
    timeMarks([from * 1e9, to * 1e9], line).marks.map(({ at }) => formatMark(at, to * 1e9));
  t.same(shown(0, 3600), ['0 s', '10 min', '20 min', '30 min', '40 min', '50 min']);
  t.same(shown(0, 7000, 400), ['0 s', '30 min', '1 h', '1 h 30 min']);
  t.same(shown(0, 75), ['0 s', '15 s', '30 s', '45 s', '1 min']);
  t.same(shown(3600, 3601, 400), ['1 h', '1 h 0.5 s'], 'zoomed in');
  t.same(shown(0, 90 * 86_400, 300), ['0 s', '720 h', '1440 h']);
});
