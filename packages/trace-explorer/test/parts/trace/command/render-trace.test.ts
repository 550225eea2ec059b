import t from 'tap';
import { findTraceId } from '../../../../src/core/command/client/wanted-trace-id.ts';
import { chooseColours } from '../../../../src/core/command/terminal/colours.ts';
import { columnsOf, fit } from '../../../../src/core/command/terminal/terminal-text.ts';
import { HUES } from '../../../../src/core/places/service-color.ts';
import type { TraceDescription } from '../../../../src/core/traces/forms/describe-trace.ts';
import { harmless } from '../../../../src/lib/text/harmless-text.ts';
import { bar } from '../../../../src/parts/trace/command/bar.ts';
import { renderTrace } from '../../../../src/parts/trace/command/render-trace.ts';

t.test('bars lie where the span was, and the shortest can be seen', async (t) => {
  t.equal(bar(0, 100, 100, 10), '██████████');
  t.equal(bar(50, 25, 100, 10), '     ██▌');
  t.equal(bar(50, 0, 100, 10), '     ▏');
  t.equal(bar(100, 0, 100, 10), '         ▏');
  t.equal(bar(-20, 30, 100, 10), '█', 'before the whole began');
  t.equal(bar(90, 500, 100, 10), '         █', 'beyond its end');
  t.equal(bar(0, 0, 0, 10), '▏', 'a trace without any length');
});

t.test('services have colours of their own, stable by name', async (t) => {
  const colours = chooseColours(8);
  const names = Array.from({ length: 7 }, (_, n) => `service-${n}`);
  const paint = colours.services(names);
  const painted = names.map((name) => paint(name, 'x'));
  t.equal(new Set(painted).size, 7);
  const pair = ['activities-api', 'user-lookup'];
  for (const name of pair) t.equal(colours.services([name])(name, 'x'), colours.services(pair)(name, 'x'));
  t.match(painted[0], /^.\[\d\dmx.\[0m$/);
  const many = Array.from({ length: HUES }, (_, n) => `service-${n}`);
  const in24 = chooseColours(24).services(many);
  t.equal(new Set(many.map((name) => in24(name, 'x'))).size, HUES);
  for (const name of many) t.match(in24(name, 'x'), /^.\[38;2;\d+;\d+;\d+mx/);
  t.equal(chooseColours(1).services(['a'])('a', 'x'), 'x', 'NO_COLOR or no terminal');
  for (const depth of [4, 8]) t.match(chooseColours(depth).services(['a'])('a', 'x'), /^.\[\d\dmx/);
});

t.test('text takes exactly the columns it is given', async (t) => {
  for (const text of ['abc', 'a long name', '日本語のスパン', '👩‍👩‍👧 family', 'é́', '']) {
    for (const width of [1, 2, 5, 12]) t.equal(columnsOf(fit(text, width)), width, `${text} in ${width}`);
  }
  t.equal(fit('activities', 6), 'activ…');
  t.equal(harmless('a\u001b[31mb\n\ud800'), 'a\ufffd[31mb\ufffd\ufffd');
});

t.test('a trace id is found in any text that was copied', async (t) => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  for (const text of [
    id,
    id.toUpperCase(),
    `00-${id}-b7ad6b7169203331-01`,
    `traceresponse: 00-${id}-b7ad6b7169203331-03`,
    `server-timing: total;dur=3, traceparent;desc="00-${id}-b7ad6b7169203331-01"`,
    `http://localhost:4319/trace/${id}?span=b7ad6b7169203331`,
    `00-${id}`, // cut off
  ])
    t.equal(findTraceId(text), id, text);
  t.equal(findTraceId('0AF'), '0af');
  for (const text of ['', 'xyz', `${id}0`, 'http://localhost:4319/'])
    t.equal(findTraceId(text), undefined, text);
});

t.test('a trace fits 40 columns', async (t) => {
  const span = (depth: number, name: string, error = false) => ({
    service: depth === 0 ? 'activities-api' : 'user-lookup',
    name,
    depth,
    error,
    offset_ms: depth,
    duration_ms: 20 - depth,
    ...(error && { status_message: 'the database is away, and nobody knows for how long that will be' }),
  });
  const trace = {
    start: '2026-11-21T04:40:16.721Z',
    start_ns: '1795236016721000000',
    duration_ms: 20,
    spans_total: 1003,
    errors: 1,
    services: [{ name: 'activities-api' }, { name: 'user-lookup' }],
    findings: [
      {
        sentence: 'The parent of 1 span has not arrived; shown without it',
        advice: 'See what it waits for.',
      },
      { sentence: 'It failed', exception: 'no row, at find (a.ts:2:5)', advice: 'Look at it.' },
      { sentence: 'A trace has no root', file: 'src/routes.ts', line: 43, advice: 'See why.' },
      { sentence: 'It logged Error (src/total.ts:2)', file: 'src/total.ts', line: 2, advice: 'Warn.' },
    ],
    spans: [span(0, 'GET /api/activities/home'), span(1, 'GET /api/users', true), span(2, 'SELECT users')],
  } as unknown as TraceDescription;
  const options = { colours: chooseColours(1), link: 'http://localhost:4319' };
  const text = renderTrace(trace, { ...options, width: 40 });
  for (const line of text.split('\n')) t.ok(columnsOf(line) <= 40, line);
  t.match(text, '20.0 ms · 1,003 spans · 2 services');
  const sampled = renderTrace({ ...trace, sample_rate: 10 }, { ...options, width: 100 });
  t.match(sampled, '1,003 spans · ×10 · 2 services', 'what it stands for where spans were sampled');
  t.match(text, /^activitie… GET \/api\/a\S*… 20\.0 ms █{8}$/m);
  t.match(
    text.replaceAll('\n', ' '),
    '! The parent of 1 span has not arrived; shown without it. See what it waits for.',
  );
  t.match(text.replaceAll('\n', ' '), '! It failed. no row, at find (a.ts:2:5). Look at it.');
  t.match(text.replaceAll('\n', ' '), '! A trace has no root (src/routes.ts:43). See why.');
  t.match(text.replaceAll('\n', ' '), '! It logged Error (src/total.ts:2). Warn.', 'a place is said once');
  t.match(text.replaceAll('\n', ' '), 'nobody knows for how long that will be');
});
